/** The `acr` of the claims parameter, read from what came over the wire: anything may stand in it. Pure; it knows no levels. */

/** The request is malformed, in words for the client's developer. */
export interface Malformed {
  malformed: string;
}

/** What is asked of `acr`: the values in the order of wish, none for any. */
export interface AcrClaim {
  essential: boolean;
  values: string[];
}

/** The acr member of the claims parameter's id_token (OpenID Connect Core, 5.5.1); undefined when it has none. */
export function acrClaim(claims: string | undefined): AcrClaim | Malformed | undefined {
  if (claims === undefined) return undefined;
  let parsed: { id_token?: { acr?: unknown } | null } | null;
  try {
    parsed = JSON.parse(claims);
  } catch {
    return { malformed: 'the claims parameter is not JSON' };
  }
  const idToken = parsed?.id_token;
  if (typeof idToken !== 'object' || idToken === null || !Object.hasOwn(idToken, 'acr')) return undefined;
  if (idToken.acr === null) return { essential: false, values: [] };
  if (typeof idToken.acr !== 'object') return { malformed: 'claims.id_token.acr is to be null or an object' };
  const { essential = false, value, values } = idToken.acr as Record<string, unknown>;
  if (typeof essential !== 'boolean') return { malformed: 'claims.id_token.acr.essential is to be true or false' };
  if (value !== undefined && typeof value !== 'string')
    return { malformed: 'claims.id_token.acr.value is to be a string' };
  if (values !== undefined && !(Array.isArray(values) && values.every((one) => typeof one === 'string')))
    return { malformed: 'claims.id_token.acr.values is to be an array of strings' };
  return { essential, values: [...(value === undefined ? [] : [value]), ...((values as string[] | undefined) ?? [])] };
}
