/**
 * Printed letters with activation codes: HTML with a style for print, a page each, to be opened in a browser and printed, or given
 * to a printer's. Files hold codes in clear: their mode is 0600, and they are to be destroyed once printed.
 */

import { link, mkdir, open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import type { Locale } from '../../src/records/records.ts';
import { template } from '../pages/template.ts';
import { oneLine } from '../plain-words.ts';
import { written } from '../printed-code.ts';
import { texts } from './letter-texts.ts';

export interface Letter {
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
  /** Writes a file of letters, in the place of one that was not finished. */
  prepare(name: string, letters: readonly Letter[]): Promise<void>;
  /** Gives it its name, or one with a number where that is another run's: codes of a letter are nowhere else. */
  finish(name: string): Promise<void>;
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
  const models = letters.map(({ locale, name, username, address, code }) => ({
    ...inLocale[locale],
    ...{ name: oneLine(name), username: oneLine(username), address: address.map(oneLine), code: written(code) },
  }));
  return page({ t: {}, model: { letters: models, title: oneLine(deployment.name[letters[0]?.locale ?? 'hu']) } });
}

/** Files in `folder`, which is made where it is not there. */
export async function lettersIn(folder: string, facts: LetterFacts): Promise<Letters> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const finished = (name: string) => join(folder, `${name}.html`);
  const prepared = (name: string) => `${finished(name)}.unfinished`;
  return {
    prepare: (name, letters) =>
      letters.length === 0 ? Promise.resolve() : write(prepared(name), lettersPage(letters, facts)),
    async finish(name) {
      const there = await stat(prepared(name)).catch(() => undefined);
      for (let run = 1; there; run++) {
        const file = finished(run === 1 ? name : `${name}-${run}`);
        const isIts = await link(prepared(name), file).then(
          () => true,
          // After a kill between the two it has its name already.
          async () => (await stat(file)).ino === there.ino,
        );
        if (isIts) return unlink(prepared(name));
      }
    },
  };
}

/** Writes `content` to `file`, readable by its owner alone; it is on the disk when this resolves. */
export async function write(file: string, content: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
