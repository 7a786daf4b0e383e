//! Invents companies, their addresses, and what they pay for.

use super::random::SplitMix64;
use std::fmt::Write as _;

/// A company that does not exist.
#[derive(Debug)]
pub(super) struct Company {
    name: String,
    address: String,
    number: u64,
}

const FIRST: [&str; 24] = [
    "Moonberry",
    "Paper Lantern",
    "Tin Whistle",
    "Upside-Down",
    "Gooseberry",
    "Velvet Anchor",
    "Thirteenth Hour",
    "Wandering Teapot",
    "Copper Cloud",
    "Second Breakfast",
    "Inkwell",
    "Marmalade",
    "Lost Button",
    "Half a Ladder",
    "Sleeping Compass",
    "Polished Pebble",
    "Left-Handed",
    "Cardboard Castle",
    "Rainy Tuesday",
    "Borrowed Umbrella",
    "Clockwork Heron",
    "Invisible Ink",
    "Quiet Trumpet",
    "Ninth Wave",
];

const TRADE: [&str; 24] = [
    "Bakery",
    "Kites",
    "Bicycles",
    "Kettles",
    "Telephones",
    "Joinery",
    "Orchards",
    "Printworks",
    "Glassware",
    "Carpets",
    "Foundry",
    "Instruments",
    "Ferries",
    "Stationers",
    "Tailoring",
    "Nurseries",
    "Optics",
    "Removals",
    "Lighthouses",
    "Confectioners",
    "Pottery",
    "Wallpapers",
    "Saddlery",
    "Cheeses",
];

const FORM: [&str; 6] = ["Ltd", "plc", "LLP", "GmbH", "SARL", "BV"];

const STREET: [&str; 12] = [
    "Sluice Road",
    "Beacon Steps",
    "Dial Street",
    "Sealing Wax Yard",
    "Crease Court",
    "Grindstone Lane",
    "Windmill Rise",
    "Cobble Row",
    "Lantern Square",
    "Ferry Approach",
    "Thimble Street",
    "Old Weighbridge",
];

const TOWN: [&str; 12] = [
    "Saltmarsh-under-Sea",
    "Grindleford-on-Paper",
    "Nether Wire",
    "Upper Windlesham",
    "Dough Falls",
    "Irgendwosen",
    "Tintinville-les-Oies",
    "Port Nowhere",
    "Little Elsewhere",
    "Mistley-in-Doubt",
    "Obertassing",
    "Zonderdijk",
];

const PURPOSE: [&str; 16] = [
    "Goods",
    "Services",
    "Rent",
    "Subscription",
    "Refund",
    "Spare parts",
    "Transport",
    "Insurance",
    "Repairs",
    "Licence fee",
    "Office supplies",
    "Energy",
    "Packaging",
    "Deposit",
    "Cleaning",
    "Advertising",
];

impl Company {
    /// The organisation with this number. The first 576 have names of their own; later ones are branches of those.
    pub(super) fn organisation(number: u64) -> Self {
        // 7 and 11 are coprime to 24, so that neighbouring numbers give unlike names.
        Self::new(number * 7 % 24, (number / 24 + number * 11) % 24, number / 576, 1 + number)
    }

    /// Draws a company on the other side of a payment.
    pub(super) fn counterparty(random: &mut SplitMix64) -> Self {
        let (first, trade) = (random.below(24), random.below(24));
        Self::new(first, trade, 0, 10_000 + first * 24 + trade)
    }

    fn new(first: u64, trade: u64, branch: u64, number: u64) -> Self {
        let mut name = format!("{} {}", nth(&FIRST, first), nth(&TRADE, trade));
        if branch > 0 {
            let _ = write!(name, " No. {}", branch + 1); // Writing to a string never fails.
        }
        let _ = write!(name, " {}", nth(&FORM, first + trade));
        let address = format!("{} {}, {}", 1 + number % 97, nth(&STREET, number), nth(&TOWN, number / 12 + first));
        Self { name, address, number }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// The name as an organisation id: in lower case, with hyphens, without the legal form.
    pub(super) fn slug(&self) -> String {
        self.without_form().replace(". ", "-").replace(' ', "-").to_ascii_lowercase()
    }

    fn without_form(&self) -> &str {
        self.name.rsplit_once(' ').map_or(self.name.as_str(), |(name, _)| name)
    }

    pub(super) fn initials(&self) -> String {
        self.without_form()
            .split([' ', '-'])
            .filter_map(|word| word.chars().next())
            .filter(char::is_ascii_uppercase)
            .collect()
    }

    pub(super) fn account(&self) -> u64 {
        self.number * 7
    }

    /// A sort code that no bank has.
    pub(super) fn sort_code(&self) -> String {
        format!("000{:03}", 100 + self.number % 900)
    }
}

/// Draws the purpose of a payment.
pub(super) fn purpose(random: &mut SplitMix64) -> &'static str {
    random.pick(&PURPOSE)
}

/// Draws the reference that the statement shows.
pub(super) fn reference(random: &mut SplitMix64, purpose: &str) -> String {
    let number = 1 + random.below(99_999);
    match random.below(4) {
        0 => format!("Invoice {number}"),
        1 => format!("INV-{number:05}"),
        2 => format!("Order {number}"),
        _ => format!("{purpose} {:02}/2025", 1 + random.below(12)),
    }
}

fn nth<const N: usize>(words: &[&'static str; N], number: u64) -> &'static str {
    let index = usize::try_from(number).unwrap_or_default() % N;
    words.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Company;
    use std::collections::HashSet;

    #[test]
    fn organisations_differ_and_fit_the_contract() {
        let slugs: HashSet<String> = (0..10_000).map(|number| Company::organisation(number).slug()).collect();
        assert_eq!(slugs.len(), 10_000);
        let lawful = |slug: &String| {
            slug.len() <= 64
                && slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        assert!(slugs.iter().all(lawful), "{:?}", slugs.iter().find(|slug| !lawful(slug)));
    }
}
