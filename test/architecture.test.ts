/** The import rules of docs/design.md, section 2: who may know of whom. A rule names a folder and what its files may import. */

import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const files = globSync('{config,src,interactions,demo,test}/**/*.ts', { cwd: root });

/** What `file` imports: paths from the root for ours, names for packages. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([\w@./:-]+)'/g)].map(([, name]) => name!);
  return found.map((name) => (name.startsWith('.') ? join(dirname(file), name) : name));
}

/** Imports in the files of `within` that `allowed` does not match: 'file -> import'. */
function strangers(within: RegExp, allowed: RegExp): string[] {
  const under = files.filter((file) => within.test(file));
  expect(under.length).toBeGreaterThan(0);
  return under.flatMap((file) =>
    importsOf(file)
      .filter((name) => !allowed.test(name))
      .map((name) => `${file} -> ${name}`),
  );
}

const interfaces =
  'src/(assurance/\\w+|state/state|records/records|mail/mailer|throttle/throttle|audit/(audit|events)|vault|same-text)\\.ts';

describe('imports', () => {
  test.each<[string, RegExp, RegExp]>([
    ['config imports nothing of ours', /^config\//, /^(config\/|node:|zod$|fastest-levenshtein$)/],
    ['assurance knows evidence and settings only', /^src\/assurance\//, /^(src\/assurance\/|config\/settings\.ts)/],
    ['state imports its driver only', /^src\/state\//, /^(src\/state\/|node:|ioredis$)/],
    [
      'records import their drivers only, and what a hold is',
      /^src\/records\//,
      /^(src\/records\/|src\/assurance\/hold\.ts|node:|kysely$|pg$)/,
    ],
    [
      'oidc sees assurance and the interfaces of stores',
      /^src\/oidc\//,
      new RegExp(`^(src/oidc/|config/|${interfaces}|node:|(oidc-provider|koa|keygrip|jose|zod|pino)$)`),
    ],
    [
      'pages and methods never see a driver or the protocol library',
      /^interactions\//,
      new RegExp(
        `^(interactions/|config/settings\\.ts|${interfaces}|src/oidc/|src/passwords/(passwords|rules|judge)\\.ts|src/throttle/origin\\.ts|src/mail/(address|mask)\\.ts|src/stop\\.ts|node:(?!sqlite)|koa$|@koa/router$|@simplewebauthn/server(/helpers)?$|ejs$|bowser$|pino$|otplib$|qr$)`,
      ),
    ],
    [
      'the explainer is pure: no store, no protocol library, no page',
      /^src\/explain\//,
      /^(src\/explain\/|src\/assurance\/|src\/oidc\/(account|consent|clients\/(metadata|profiles|redirect-uris))\.ts|config\/)/,
    ],
    ['what resource servers copy stands alone', /^src\/resource-server\//, /^(src\/resource-server\/|node:|jose$)/],
    ['the throttle knows state alone', /^src\/throttle\//, /^(src\/throttle\/|src\/state\/state\.ts|node:)/],
    [
      'the sender of notices knows the outbox and the mailer, and no words',
      /^src\/notices\/sender\.ts/,
      /^(src\/mail\/mailer\.ts|src\/records\/records\.ts|node:)/,
    ],
    ['mail knows settings alone', /^src\/mail\//, /^(src\/mail\/|config\/settings\.ts|node:|nodemailer|pino$)/],
    [
      'passwords know settings alone',
      /^src\/passwords\//,
      /^(src\/passwords\/|config\/settings\.ts|node:|argon2$|@zxcvbn-ts\/)/,
    ],
    [
      'the audit knows where entries are kept, and how they are chained',
      /^src\/audit\//,
      new RegExp(`^(src/audit/|src/records/chain\\.ts|src/throttle/origin\\.ts|${interfaces}|node:|jose$|zod$)`),
    ],
    [
      'the layers that every request passes know no store, but what faults of one look like, and the pages that they answer with',
      /^src\/web\//,
      new RegExp(
        `^(src/web/|interactions/(pages/|send\\.ts|visitor\\.ts)|src/oidc/(interaction-path|sessions/own-sign-in|keys/signer)\\.ts|src/throttle/origin\\.ts|${interfaces}|node:|(koa|@koa/bodyparser|keygrip|pino|rate-limiter-flexible)$)`,
      ),
    ],
    [
      'workers know the queue of hashes alone of what a server does',
      /^src\/workers\//,
      /^(src\/workers\/|src\/passwords\/queue\.ts|node:(cluster|fs|path)$|pino$|prom-client$)/,
    ],
    [
      'what a notice says, and what it carries, is put together in one place',
      /^src\/notices\/notices\.ts/,
      new RegExp(
        `^(src/notices/sender\\.ts|interactions/(notices/|stop/link|activate/code|printed-code)|src/(metrics|oidc/interaction-path)\\.ts|config/settings\\.ts|${interfaces}|pino$)`,
      ),
    ],
    [
      'what runs beside requests joins parts by their interfaces',
      /^src\/(stop|deletions|own-relying-party|registration|vault|log|explainer|device-guesses|key-reload|in-process|sign-out-news|mail-news|metrics|health|patience)\.ts/,
      new RegExp(
        `^(src/(metrics|mail/mask|oidc/.+|explain/\\w+|passwords/queue|throttle/origin)\\.ts|interactions/mailed-code/report\\.ts|config/settings\\.ts|${interfaces}|node:|(openid-client|light-my-request|@koa/bodyparser|@koa/router|koa|jose|pino|prom-client)$)`,
      ),
    ],
    ['a method does not see the protocol', /^interactions\/methods\//, /^(?!oidc-provider|src\/oidc)/],
  ])('%s', (_rule, within, allowed) => {
    expect(strangers(within, allowed)).toEqual([]);
  });

  test('no method imports another', () => {
    const methodOf = (path: string) => /^interactions\/methods\/([^/]+)\//.exec(path)?.[1];
    const others = files
      .filter(methodOf)
      .flatMap((file) =>
        importsOf(file).filter((name) => methodOf(name) !== undefined && methodOf(name) !== methodOf(file)),
      );
    expect(others).toEqual([]);
  });

  test('only src/oidc imports the protocol library', () => {
    expect(strangers(/^(config|src(?!\/oidc)|interactions)\//, /^(?!oidc-provider)/)).toEqual([]);
  });

  test('only the composing files name implementations', () => {
    const implementations = /^(?!src\/(state\/(memory|redis)|records\/(sqlite|postgres)|mail\/smtp)\.ts)/;
    const composing =
      /^(config|interactions|src)\/(?!compose\.ts|stores\.ts|commands\/open-check\.ts|state\/|records\/|mail\/)/;
    expect(strangers(composing, implementations)).toEqual([]);
  });

  // docs/decisions/025: adding a method touches one folder, one line of methods.ts, one entry of levels.ts, its texts and its tests.
  test('nobody names the authenticator app but its folder, the list of methods, and the ladder', () => {
    const sources = globSync('{config,src,interactions,demo,bench,scripts}/**/*.{ts,ejs,js,css}', { cwd: root });
    const naming = sources.filter((file) => /totp/i.test(readFileSync(join(root, file), 'utf8')));
    expect(naming.filter((file) => !file.startsWith('interactions/methods/totp/')).sort()).toEqual([
      'config/levels.ts',
      'interactions/methods.ts',
    ]);
  });

  test('every method has a file of tests that runs the contract', () => {
    const list = readFileSync(join(root, 'interactions/methods.ts'), 'utf8');
    const names = [...list.matchAll(/'\.\/methods\/([\w-]+)\//g)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(1);
    const driven = (name: string) => {
      const [file] = globSync(`test/methods/${name}.test.ts`, { cwd: root });
      return file !== undefined && /^methodContract\(/m.test(readFileSync(join(root, file), 'utf8'));
    };
    expect(names.filter((name) => !driven(name))).toEqual([]);
  });
});
