import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readAssets } from '../../interactions/pages/assets.ts';
import { accent, contrast, luminanceOf } from '../../interactions/pages/theme.ts';

describe('the assets', () => {
  const assets = readAssets({ colour: '#1b5c8a' });

  test('are found by the path that names their content', () => {
    for (const asset of assets.list) {
      expect(asset.path).toMatch(/^\/assets\/[\w-]+\.[0-9a-f]{12}\.\w+$/);
      expect(assets.find(asset.path)).toEqual({ asset, current: true });
      if (asset.gzip) expect(gunzipSync(asset.gzip).equals(asset.body)).toBe(true);
    }
  });

  test("answer another version's path, as during a rolling upgrade, but not for keeping", () => {
    const { name, path } = assets.list[0]!;
    expect(assets.find(path.replace(/\.[0-9a-f]{12}\./, '.0123456789ab.'))).toMatchObject({
      asset: { name },
      current: false,
    });
    expect(assets.find('/assets/other.0123456789ab.css')).toBeUndefined();
    expect(assets.find('/assets/../package.json')).toBeUndefined();
  });

  test('are style sheets that load only from this server, and small', () => {
    const [css] = assets.list;
    for (const [, url] of css!.body.toString().matchAll(/url\(([^)]*)\)/g))
      expect(assets.find(url!)?.current).toBe(true);
    expect(css!.body.toString()).not.toContain('@import');
    expect(css!.gzip!.length).toBeLessThan(16_000);
  });

  test("hold the deployment's logo, or say what to do", () => {
    const folder = mkdtempSync(join(tmpdir(), 'kapu-logo-'));
    const file = (name: string) => {
      writeFileSync(join(folder, name), '<svg xmlns="http://www.w3.org/2000/svg"/>');
      return join(folder, name);
    };
    expect(readAssets({ colour: '#1b5c8a', logo: file('arms.svg') }).path('logo.svg')).toBeDefined();
    expect(() => readAssets({ colour: '#1b5c8a', logo: join(folder, 'gone.svg') })).toThrow(/deployment\.logo/);
    expect(() => readAssets({ colour: '#1b5c8a', logo: file('arms.tiff') })).toThrow(/Use one of .*\.svg/);
  });
});

test('any colour becomes one that can be read, in light and in dark (WCAG 2.2, 1.4.3 and 1.4.11)', () => {
  const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
  fc.assert(
    fc.property(colour, fc.constantFrom('light' as const, 'dark' as const), (chosen, scheme) => {
      const shades = accent(chosen, scheme);
      const between = (one: string, other: string) => contrast(luminanceOf(shades[one]!), luminanceOf(shades[other]!));
      for (const surface of ['background-default', 'surface-default', 'surface-tinted']) {
        expect(between('text-default', surface)).toBeGreaterThanOrEqual(4.5);
        expect(between('text-subtle', surface)).toBeGreaterThanOrEqual(4.5);
      }
      for (const solid of ['base-default', 'base-hover', 'base-active']) {
        expect(between('base-contrast-default', solid)).toBeGreaterThanOrEqual(4.5);
      }
      expect(between('base-default', 'surface-default')).toBeGreaterThanOrEqual(3);
    }),
  );
});
