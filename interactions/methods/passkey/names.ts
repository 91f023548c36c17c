/**
 * What a new passkey is called before its owner says so: by the maker of the authenticator where it tells (AAGUID, a model's
 * number that browsers pass on for the usual password managers), else by what it was reached over. Nothing is looked up elsewhere.
 */

import { type Locale, longestName } from '../../../src/records/records.ts';
import { texts } from './texts.ts';

/** Keepers of passkeys, as they call themselves. */
const keepers: Record<string, string> = {
  'ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4': 'Google Password Manager',
  'fbfc3007-154e-4ecc-8c0b-6e020557d7bd': 'Apple Passwords',
  'dd4ec289-e01d-41c9-bb89-70fa845d4bf2': 'Apple Passwords',
  '08987058-cadc-4b81-b6e1-30de50dcbe96': 'Windows Hello',
  '9ddd1817-af5a-4672-a2b9-3e3dd95000a9': 'Windows Hello',
  '6028b017-b1d4-4c02-b4b3-afcdafc96bb2': 'Windows Hello',
  '53414d53-554e-4700-0000-000000000000': 'Samsung Pass',
  'bada5566-a7aa-401f-bd96-45619a55120d': '1Password',
  'd548826e-79b4-db40-a3d8-11116f7e8349': 'Bitwarden',
  '531126d6-e717-415c-9320-3d9aa6981239': 'Dashlane',
  '0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6': 'Keeper',
  'b84e4048-15dc-4dd0-8640-f4f60813c8af': 'NordPass',
  '50726f74-6f6e-5061-7373-50726f746f6e': 'Proton Pass',
  'fdb141b2-5d84-443e-8a35-4698c205a502': 'KeePassXC',
};

/** What is known of a new passkey. */
export interface Made {
  aaguid: string;
  transports: readonly string[];
}

/** A name for it that none of `taken` is; `system` is the device's, as its browser tells it, where it is known. */
export function suggestedName(
  made: Made,
  system: string | undefined,
  locale: Locale,
  taken: readonly string[],
): string {
  const name = keepers[made.aaguid] ?? placeOf(made, system, locale);
  for (let number = 2, free = name; ; number++) {
    if (!taken.includes(free)) return free;
    free = `${name} ${number}`;
  }
}

function placeOf({ transports }: Made, system: string | undefined, locale: Locale): string {
  const t = texts[locale].places;
  const over = (...names: string[]) => names.some((name) => transports.includes(name));
  // Over a cable or by touch, and not inside of the device: a key on a key ring.
  if (over('usb', 'nfc', 'ble', 'smart-card') && !over('internal')) return t.key;
  if (over('hybrid') && !over('internal')) return t.phone;
  return system ?? t.device;
}

/** What a person typed, as a name: on one line, without what cannot be seen, and not too long. Empty for nothing. */
export function nameIn(typed: string): string {
  const visible = typed
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  return [...visible].slice(0, longestName).join('').trim();
}
