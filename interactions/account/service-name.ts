import { factsOf, nameIn } from '../../src/oidc/clients/service-facts.ts';
import type { Locale } from '../../src/records/records.ts';
import type { AccountPageParts } from './pages.ts';

/** A service as all pages name it; one that is registered no more has its id left. */
export async function serviceName(
  clientId: string,
  locale: Locale,
  { records }: Pick<AccountPageParts, 'records'>,
): Promise<string> {
  return nameIn(factsOf({ ...(await records.clients.find(clientId))?.metadata, clientId }), locale);
}
