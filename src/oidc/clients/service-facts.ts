/** What pages say of a client. Pure. */

/** A client as pages name it; `names` by language, the plain name under ''. */
export interface ServiceFacts {
  clientId: string;
  names: { hu?: string; en?: string; '': string };
  url?: string;
}

/** What pages say of a client, as the library has it or as it was registered (OpenID Connect Registration, 2 and 2.1). */
export function factsOf(client: { clientId: string; [key: string]: unknown }): ServiceFacts {
  return {
    clientId: client.clientId,
    names: {
      '': text(client.clientName) ?? text(client.client_name) ?? client.clientId,
      hu: text(client['client_name#hu']),
      en: text(client['client_name#en']),
    },
    url:
      text(client.initiateLoginUri) ??
      text(client.initiate_login_uri) ??
      text(client.clientUri) ??
      text(client.client_uri),
  };
}

/** What it is called in that language. */
export function nameIn({ names }: ServiceFacts, language: 'hu' | 'en'): string {
  return names[language] ?? names[''];
}

/** `value`, if it is a text that says something. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
