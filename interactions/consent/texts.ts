/** The words of the consent page, and of what people have allowed. */

import type { Permission } from '../../src/oidc/consent.ts';
import type { Locale } from '../../src/records/records.ts';

const hu = {
  heading: 'Engedélyezi az adatok átadását?',
  what: 'A szolgáltatás a következőket kéri. Csak akkor kapja meg, ha engedélyezi:',
  items: {
    openid: 'egy azonosító, amelyről ez a szolgáltatás legközelebb is felismeri Önt',
    profile: 'az Ön neve, születési neve és születési dátuma',
    email: 'az Ön e-mail-címe',
    offline_access: 'hozzáférés ezekhez akkor is, amikor Ön nem használja a szolgáltatást',
  },
  other: (scope: string) => `egyéb adatok: ${scope}`,
  ofApi: (scope: string, api: string) => `hozzáférés egy másik rendszerhez az Ön nevében: ${scope} (${api})`,
  withdraw: 'Az engedélyt később bármikor visszavonhatja a Fiókom oldalain, a Szolgáltatások alatt.',
  allow: 'Engedélyezem',
};

const en: typeof hu = {
  heading: 'Do you allow your data to be passed on?',
  what: 'The service asks for the following. It gets them only if you allow it:',
  items: {
    openid: 'an identifier by which this service will know you again next time',
    profile: 'your name, your birth name and your date of birth',
    email: 'your email address',
    offline_access: 'access to these even while you are not using the service',
  },
  other: (scope) => `other data: ${scope}`,
  ofApi: (scope, api) => `access to another system in your name: ${scope} (${api})`,
  withdraw: 'You can withdraw this at any time in My account, under Services.',
  allow: 'Allow',
};

export const texts = { hu, en };

/** What a service may have, in words. */
export function permissionInWords({ scope, resource }: Permission, locale: Locale): string {
  const t = texts[locale];
  if (resource) return t.ofApi(scope, resource);
  return Object.hasOwn(t.items, scope) ? t.items[scope as keyof typeof t.items] : t.other(scope);
}
