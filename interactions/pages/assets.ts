/**
 * The static files that pages use: one style sheet, the little scripts, icons and the deployment's logo. All are read
 * once, at start, and named by their content, so that browsers may keep them for ever. This file knows nothing of HTTP.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Settings } from '../../config/settings.ts';
import { themeCss } from './theme.ts';

export interface Asset {
  /** What pages call it, such as 'kapu.css'. */
  name: string;
  /** Where it is served: '/assets/kapu.0123456789ab.css'. */
  path: string;
  /** Media type, as Content-Type gives it. */
  type: string;
  body: Buffer;
  /** The body compressed, where that saves anything. */
  gzip?: Buffer;
}

export interface Assets {
  list: Asset[];
  /** The path of the asset called `name`; undefined when there is none. */
  path(name: string): string | undefined;
  /** What to answer a request for `path` with. `current` is false when the hash is another version's, as during a
   *  rolling upgrade: right for now, and not to be kept. */
  find(path: string): { asset: Asset; current: boolean } | undefined;
}

/** The design system's parts that our pages use, in the layers that its own bundle puts them in. */
const layers = {
  'ds.base': ['base'],
  'ds.components': [
    ...['button', 'details', 'error-summary', 'field', 'heading', 'input', 'label', 'link', 'list', 'paragraph'],
    ...['skip-link', 'validation-message'],
  ],
};

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
};

/** Reads all assets. Throws an Error that says what to do when the deployment's logo cannot be used. */
export function readAssets(deployment: Pick<Settings['deployment'], 'colour' | 'logo'>): Assets {
  const icons: Asset[] = [];
  const css = withoutDataUrls(designSystem(), (svg) => {
    const icon = asset(`icon-${icons.length}.svg`, Buffer.from(svg));
    icons.push(icon);
    return icon.path;
  });
  const list = [
    asset('kapu.css', Buffer.from(css + themeCss(deployment.colour) + readOwn('kapu.css'))),
    asset('delivery.js', Buffer.from(readOwn('delivery.js'))),
    asset('passkey.js', Buffer.from(readOwn('passkey.js'))),
    asset('form-post.js', Buffer.from(readOwn('form-post.js'))),
    asset('new-password.js', Buffer.from(readOwn('new-password.js'))),
    asset('icon.svg', Buffer.from(readOwn('icon.svg').replace('currentColor', deployment.colour))),
    ...(deployment.logo ? [asset(`logo${extname(deployment.logo)}`, readLogo(deployment.logo))] : []),
    ...icons,
  ];
  const byPath = new Map(list.map((each) => [each.path, each]));
  const byName = new Map(list.map((each) => [each.name, each]));
  return {
    list,
    path: (name) => byName.get(name)?.path,
    find(path) {
      const exact = byPath.get(path);
      if (exact) return { asset: exact, current: true };
      const [, stem, extension] = /^\/assets\/([\w-]+)\.[0-9a-f]{12}(\.\w+)$/.exec(path) ?? [];
      const other = byName.get(`${stem}${extension}`);
      return other && { asset: other, current: false };
    },
  };
}

function asset(name: string, body: Buffer): Asset {
  const extension = extname(name).toLowerCase();
  const type = types[extension];
  if (!type) throw new Error(`${name} is not a file that browsers show. Use one of ${Object.keys(types).join(', ')}.`);
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
  const gzip = gzipSync(body, { level: 9 });
  return {
    name,
    path: `/assets/${name.slice(0, -extension.length)}.${hash}${extension}`,
    type,
    body,
    gzip: gzip.length < body.length ? gzip : undefined,
  };
}

function designSystem(): string {
  const { resolve } = createRequire(import.meta.url);
  const read = (part: string) => readFileSync(resolve(`@digdir/designsystemet-css/${part}.css`), 'utf8');
  const inLayers = Object.entries(layers).map(([layer, names]) => `@layer ${layer}{${names.map(read).join('')}}`);
  return read('theme') + inLayers.join('');
}

/** Icons inside style sheets come as data URLs, which `img-src 'self'` refuses: each becomes a file of ours. */
function withoutDataUrls(css: string, keep: (svg: string) => string): string {
  return css.replace(
    /url\("data:image\/svg\+xml;charset=utf-8,([^"]+)"\)/g,
    (_, svg) => `url(${keep(decodeURIComponent(svg))})`,
  );
}

function readOwn(file: string): string {
  return readFileSync(new URL(`../public/${file}`, import.meta.url), 'utf8');
}

function readLogo(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`The logo ${file} cannot be read. Set deployment.logo to a file that the server may read.`, {
      cause,
    });
  }
}
