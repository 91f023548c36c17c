/** Which clients people are asked about before those get anything. Pure. */

/** Whether the client belongs to the state that runs this server: its people are not asked what it may have. */
export function isFirstParty(client: { [key: string]: unknown }): boolean {
  return client.first_party !== false;
}

/** Whether people are asked at every sign-in. RFC 8252, 8.6: another app may pass itself off as a native one. */
export function isAskedEachTime(client: { [key: string]: unknown }, applicationType: string | undefined): boolean {
  return applicationType === 'native' && !isFirstParty(client);
}
