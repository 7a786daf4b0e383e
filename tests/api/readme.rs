//! The tour in README.md, taken step by step: each request is sent, and each answer compared.

use test_support::Service;

/// One step: a command, and what it prints.
struct Step {
    command: String,
    prints: String,
}

/// The steps of the tour: each block that begins with a prompt.
fn steps(readme: &str) -> Vec<Step> {
    let blocks = readme.split("```console\n$ ").skip(1).map(|rest| rest.split("```").next().expect("a block ends"));
    let lines = |block: &str| {
        // The command goes on after a backslash, and until its quotes are closed.
        let mut end = 0;
        for line in block.split_inclusive('\n') {
            end += line.len();
            if !line.ends_with("\\\n") && block[..end].matches('\'').count().is_multiple_of(2) {
                break;
            }
        }
        Step { command: block[..end].replace("\\\n", " "), prints: block[end..].trim_end().to_owned() }
    };
    blocks.map(lines).collect()
}

/// The words of a command, as a shell would split them; single quotes are the only ones.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for (index, part) in command.split('\'').enumerate() {
        if index % 2 == 1 {
            words.last_mut().unwrap().push_str(part);
            continue;
        }
        for (index, word) in part.split_whitespace().enumerate() {
            if index > 0 || part.starts_with(char::is_whitespace) {
                words.push(String::new());
            }
            words.last_mut().unwrap().push_str(word);
        }
        if part.ends_with(char::is_whitespace) && !part.trim().is_empty() {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Does what curl would do with the arguments that the tour uses, and prints what curl would print.
async fn curl(arguments: &[String], address: &str) -> String {
    let (mut method, mut url, mut headers, mut body, mut with_head) = (None, None, Vec::new(), None, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "-i" => with_head = true,
            "-X" => method = rest.next().cloned(),
            "-H" => headers.push(rest.next().unwrap().split_once(": ").expect("NAME: VALUE")),
            "-d" => body = rest.next().cloned(),
            other => url = Some(format!("http://{}", other.replace("localhost:8080", address))),
        }
    }
    let method = method.unwrap_or_else(|| if body.is_some() { "POST".to_owned() } else { "GET".to_owned() });
    let mut request = reqwest::Client::new().request(method.parse().unwrap(), url.expect("a URL"));
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.body(body.unwrap_or_default()).send().await.expect("an answer");
    let mut printed = String::new();
    if with_head {
        printed = format!("{:?} {}\n", answer.version(), answer.status());
        for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "date" && *name != "content-length") {
            printed.push_str(&format!("{name}: {}\n", value.to_str().unwrap()));
        }
        printed.push('\n');
    }
    (printed + &answer.text().await.unwrap()).trim_end().to_owned()
}

/// The text without what is new each time: times, and the names of requests.
fn timeless(text: &str) -> String {
    let without = |text: &str, before: &str, length: usize| {
        let mut parts = text.split(before);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| format!("{text}{before}…{}", &part[length..]))
    };
    let text = without(text, "_on\":\"", "2026-01-18T09:00:00.000000Z".len());
    let text = without(&text, "x-request-id: ", "019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20".len());
    without(&text, "\"request_id\":\"", "019bd0a4-5c1e-7c3a-9d52-6f0e4b7a1c20".len())
}

#[tokio::test]
async fn the_tour_prints_what_it_says() {
    let service = Service::start_with(&[]).await;
    let steps = steps(include_str!("../../README.md"));
    assert!(steps.len() >= 8, "the tour has lost its steps");
    for Step { command, prints } in steps {
        let words = words(&command);
        assert_eq!(words[0], "curl", "{command}");
        let printed = curl(&words[1..], service.address()).await;
        assert_eq!(timeless(&printed), timeless(&prints), "README.md is out of date at: {command}");
    }
}
