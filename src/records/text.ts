/**
 * What text records keep, and when two user names are the same one. This file knows nothing of tables.
 *
 * PostgreSQL cannot store U+0000 and SQLite can; neither stores half a surrogate pair. Records therefore refuse such
 * text themselves, before a database sees it, so that both behave alike. Lengths are in UTF-16 code units; they keep
 * every indexed text well below what one index entry may hold (PostgreSQL: about 2,700 bytes).
 */

/** A text cannot be kept: too long, or with control characters or broken Unicode. The message names which, for an operator. */
export class TextRefused extends Error {
  override name = 'TextRefused';
}

const longestId = 255;
const longestUsername = 255;
const longestText = 1000;
/** What somebody calls something of theirs: characters as people count them. */
export const longestName = 100;

/** Controls could break a line in a log or a mail. Unassigned code points may come to fold otherwise in a later Unicode. */
const unusable = /[\p{Cc}\p{Cn}]/u;
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * The key under which a user name is unique, or undefined where no account can have that name (empty, longer than 255,
 * broken Unicode, control characters).
 *
 * NFKC, so that composed and decomposed, full-width and plain spellings are one name; without invisible characters
 * (joiners, direction marks) and spaces around it, which nobody sees or means to type; then in lower case by Unicode's
 * own mapping, never a locale's: 'I' is 'i' on a Turkish machine too, and 'ı' is another letter. Not case folding, as
 * RFC 8265, 3.3 chooses: 'STRAẞE' is 'straße', 'STRASSE' is not.
 */
export function usernameKey(username: string): string | undefined {
  if (username.length > longestUsername || !username.isWellFormed() || unusable.test(username)) return undefined;
  const visible = username.normalize('NFKC').replace(invisible, '');
  const key = visible.toLowerCase().normalize('NFKC').trim();
  return key.length > 0 && key.length <= longestUsername ? key : undefined;
}

/** Why `text` cannot be kept, in words that name `what` it is and hold nothing of it. */
function problemOf(what: string, text: string, longest: number, length = text.length): string | undefined {
  if (length > longest) return `${what} is longer than ${longest} characters`;
  if (!text.isWellFormed() || unusable.test(text))
    return `${what} holds control characters or broken Unicode: leave them out`;
  return undefined;
}

function requireNone(problem: string | undefined): void {
  if (problem !== undefined) throw new TextRefused(problem);
}

/** `text`, checked to be fit to keep. Throws TextRefused, which names `what` it is. */
export function keepable(what: string, text: string, longest = longestText): string {
  requireNone(problemOf(what, text, longest));
  return text;
}

/** The texts of an account. */
interface Texts {
  username: string;
  email?: string;
  name?: string;
  birthName?: string;
  birthDate?: string;
}

/** Why an account cannot be kept, in words for an operator that hold nothing of it; undefined where it can. */
export function unfit({ username, email, name, birthName, birthDate }: Texts): string | undefined {
  if (usernameKey(username) === undefined) return 'a user name is 1 to 255 characters long, without control characters';
  const others = {
    'the e-mail address': email,
    'the name': name,
    'the birth name': birthName,
    'the birth date': birthDate,
  };
  return Object.entries(others)
    .map(([what, text]) => problemOf(what, text ?? '', longestText))
    .find(Boolean);
}

/** Throws TextRefused where an account cannot be kept. */
export function requireFit(texts: Texts): void {
  requireNone(unfit(texts));
}

/** Why somebody cannot call something of theirs so, in the same way. */
export function unfitName(name: string): string | undefined {
  return problemOf('the name', name, longestName, [...name].length);
}

/** `name`, checked like that. Throws TextRefused. */
export function keepableName(name: string): string {
  requireNone(unfitName(name));
  return name;
}

/** An identifier that a new row may have. Throws TextRefused. */
export function keepableId(what: string, id: string): string {
  if (id === '') throw new TextRefused(`${what} is empty`);
  return keepable(what, id, longestId);
}

/** An identifier as a look-up may carry it: one that no row can have becomes the empty text, which no row has. */
export function sought(id: string): string {
  return id.length <= longestId && id.isWellFormed() && !unusable.test(id) ? id : '';
}

/** Text as the audit keeps it, which must never fail for what a stranger sent: cut, and mended where it is broken. */
export function mended(text: string, longest = longestId): string {
  return text.slice(0, longest).toWellFormed().replaceAll('\0', '\ufffd');
}
