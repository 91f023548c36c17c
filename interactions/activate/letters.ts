/**
 * Printed letters with activation codes: HTML with a style for print, a page each, to be opened in a browser and printed, or given
 * to a printer's. Files hold codes in clear: their mode is 0600, and they are to be destroyed once printed.
 */

import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import type { Locale } from '../../src/records/records.ts';
import { template } from '../pages/template.ts';
import { oneLine } from '../plain-words.ts';
import { written } from '../printed-code.ts';
import { texts } from './letter-texts.ts';

export interface Letter {
  accountId: string;
  locale: Locale;
  /** Whom it is to. */
  name: string;
  username: string;
  /** The lines below the name, for the window of the envelope. */
  address: readonly string[];
  /** Plainly. */
  code: string;
}

/** Files of letters, each finished once what its codes open is there. */
export interface Letters {
  /** Writes the file of that number, or another one in its place; with no letters it takes it away. */
  prepare(number: number, letters: readonly Letter[]): Promise<void>;
  /** Gives it its name. */
  finish(number: number): Promise<void>;
  /**
   * Finishes what runs that were broken off have left, with the letters to accounts that `areThere` gives back; and gives the files
   * of which none is. They are left alone: somebody may be about to add them.
   */
  finishOthers(areThere: (accountIds: readonly string[]) => Promise<ReadonlySet<string>>): Promise<string[]>;
}

export interface LetterFacts {
  deployment: Settings['deployment'];
  /** Where people begin. */
  startAt: string;
  /** Seconds that codes live. */
  life: number;
  now: () => Date;
}

const page = template(new URL('./letter.ejs', import.meta.url));

/** All of `letters` as one document. */
export function lettersPage(letters: readonly Letter[], { deployment, startAt, life, now }: LetterFacts): string {
  const { timeZone } = deployment;
  const at = now().getTime();
  const facts = (locale: Locale) => {
    const [operator, deploymentName] = [oneLine(deployment.operator[locale]), oneLine(deployment.name[locale])];
    const day = new Intl.DateTimeFormat(locale === 'hu' ? 'hu-HU' : 'en-GB', { dateStyle: 'long', timeZone });
    const help = texts[locale].help(operator, deployment.help.phone && oneLine(deployment.help.phone));
    const dates = { today: day.format(at), lastDay: day.format(at + life * 1000) };
    return { t: texts[locale], locale, operator, deploymentName, startAt, help, ...dates };
  };
  // Made once for all: a format of dates is dear.
  const inLocale = { hu: facts('hu'), en: facts('en') };
  const models = letters.map(({ accountId, locale, name, username, address, code }) => ({
    ...inLocale[locale],
    ...{
      accountId,
      name: oneLine(name),
      username: oneLine(username),
      address: address.map(oneLine),
      code: written(code),
    },
  }));
  return page({ t: {}, model: { letters: models, title: oneLine(deployment.name[letters[0]?.locale ?? 'hu']) } });
}

/**
 * Files of one run in `folder`, which is made where it is not there. They are named after the run: codes of a letter are nowhere
 * else, so that no run takes another one's place, nor that of one of its own that has been broken off.
 */
export async function lettersIn(folder: string, facts: LetterFacts): Promise<Letters> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const run = `letters-${facts.now().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`;
  const fileOf = (number: number) => join(folder, `${run}-${String(number).padStart(8, '0')}.html`);
  return {
    async prepare(number, letters) {
      if (letters.length > 0) await replace(prepared(fileOf(number)), lettersPage(letters, facts));
      else await unlink(prepared(fileOf(number)));
    },
    finish: (number) => finish(fileOf(number)),
    async finishOthers(areThere) {
      const names = (await readdir(folder)).filter((name) => /^letters-.*\.html\.unfinished$/.test(name));
      const left: string[] = [];
      for (const name of names.filter((name) => !name.startsWith(run))) {
        const file = join(folder, name);
        const html = await readFile(file, 'utf8');
        const ids = [...html.matchAll(anArticle)].map(([, id]) => id!);
        const there = await areThere(ids);
        const rest = html.replaceAll(anArticle, (article, id) => (there.has(id) ? article : ''));
        if (there.size === 0) left.push(file);
        else {
          if (rest !== html) await replace(file, rest);
          await finish(file.slice(0, -prepared('').length));
        }
      }
      return left;
    },
  };
}

/** The letter to an account, as the page has it. */
const anArticle = /<article id="([^"]+)".*?<\/article>\n/gs;

const prepared = (file: string) => `${file}.unfinished`;

async function finish(file: string): Promise<void> {
  await rename(prepared(file), file).catch((fault: NodeJS.ErrnoException) => {
    // Another run has found it unfinished, and what it is for there.
    if (fault.code !== 'ENOENT') throw fault;
  });
}

/** Writes `content` to `file`, all of it or nothing, in the place of what is there. */
async function replace(file: string, content: string): Promise<void> {
  await write(`${file}.part`, content);
  await rename(`${file}.part`, file);
}

/** Writes `content` to `file`, readable by its owner alone; it is on the disk when this resolves. */
async function write(file: string, content: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
