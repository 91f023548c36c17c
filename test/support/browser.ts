/** A real Chromium for tests: fresh, without a window, and never a silent skip when there is none. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = process.env.KAPU_CHROMIUM ?? '/usr/bin/chromium';

/** Starts Chromium with a profile of its own. Throws an Error that says what to install. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}. On Debian: apt-get install chromium. Elsewhere: set KAPU_CHROMIUM to its path.`,
    );
  }
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}
