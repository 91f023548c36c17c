/** An address as pages and logs show it: enough for its owner to know it, too little to write to it. */

/** The first character, three stars and the domain: `a***@demo.example`. Whatever is no address is `***` alone. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first] = address.slice(0, Math.max(at, 0));
  return first ? `${first}***${address.slice(at)}` : '***';
}
