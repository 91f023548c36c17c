/**
 * The gallery: every page in every state, in both languages, as pictures. `node scripts/gallery.ts [folder] [part of a name]`
 * writes PNG files at 360 and 1280 pixels, light and dark, and prints where.
 */

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createPages } from '../interactions/pages/render.ts';
import { deployment, states } from '../test/pages/states.ts';
import { launchBrowser } from '../test/support/browser.ts';

const [folder = mkdtempSync(join(tmpdir(), 'kapu-gallery-')), part = ''] = process.argv.slice(2);
const pages = createPages({ deployment });
const origin = 'http://gallery.example';

for (const { path, body } of pages.assets.list) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), body);
}

const browser = await launchBrowser();
for (const width of [360, 1280]) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    const page = await context.newPage();
    let html = '';
    await page.route(`${origin}/**`, (route) => {
      const asset = pages.assets.find(new URL(route.request().url()).pathname)?.asset;
      return route.fulfill(
        asset ? { body: asset.body, contentType: asset.type } : { body: html, contentType: 'text/html' },
      );
    });
    for (const { name, locale, render } of states().filter((state) => state.name.includes(part))) {
      html = render(pages);
      writeFileSync(join(folder, `${name}-${locale}.html`), html);
      await page.goto(`${origin}/`);
      await page.screenshot({ path: join(folder, `${name}-${locale}-${width}-${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
console.log(folder);
