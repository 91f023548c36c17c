/** Made-up requests on the wire: the changes are made to a right request, and it is sent just as it is then, by a browser of few lines. */

import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { type Change, type Field, type Input, kept, tamperings } from './fuzz-requests.ts';

/** Cookies by path and name. */
export type Cookies = Map<string, { name: string; value: string; path: string }>;

export interface Answer {
  /** What was asked, as it was sent. */
  asked: string;
  url: URL;
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Puts in what stands in ‹›. */
export type Fill = (text: string) => Promise<string>;

export interface Sender {
  origin: string;
  fill: Fill;
  /** Of the browser that sends, and of another one. */
  cookies: Cookies;
  others: Cookies;
}

const connections = new Agent({ keepAlive: true, maxSockets: 16 });
export const hangUp = () => connections.destroy();

/** Marks of bytes become those bytes, in percent signs; all else is encoded as forms are. */
function encoded(text: string): string {
  return text
    .split(/([\ue000-\ue0ff])/)
    .map((part, n) =>
      n % 2 === 1
        ? `%${(part.charCodeAt(0) - 0xe000).toString(16).padStart(2, '0')}`
        : encodeURIComponent(part.toWellFormed()),
    )
    .join('');
}

const joined = (fields: Field[]) => fields.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');

function applied(fields: Field[], change: Change): Field[] {
  const count = fields.length || 1;
  const index = 'at' in change ? change.at % count : 0;
  const field = fields[index];
  switch (change.change) {
    case 'set':
      return [...fields.filter(([name]) => name !== change.name), [change.name, change.value]];
    case 'twice':
      return field ? [...fields, [field[0], change.value ?? field[1]]] : fields;
    case 'drop':
      return fields.toSpliced(index, 1);
    case 'rename':
      return field
        ? fields.with(index, [change.to.startsWith('_') ? change.to : `${field[0]}${change.to}`, field[1]])
        : fields;
    case 'tamper':
      return field ? fields.with(index, [field[0], tamperings[change.how]!(field[1])]) : fields;
    case 'swap': {
      const other = change.with % count;
      if (!field || kept.includes(field[0]) || kept.includes(fields[other]![0])) return fields;
      return fields.with(index, [field[0], fields[other]![1]]).with(other, [fields[other]![0], field[1]]);
    }
    default:
      return fields;
  }
}

/** What a browser's cookies become. */
function header({ cookies, others }: Sender, path: string, how: string | undefined): string {
  const of = (all: Cookies) =>
    [...all.values()].filter(({ path: own }) => path.startsWith(own)).map(({ name, value }): Field => [name, value]);
  const mine = of(cookies);
  const changed: Record<string, () => Field[]> = {
    none: () => [],
    "another's": () => of(others),
    'cut short': () => mine.map(([name, value]) => [name, value.slice(0, -3)]),
    garbled: () => mine.map(([name, value]) => [name, `${value.slice(1)}é"`]),
    'one of each': () => [...mine, ...of(others)],
    mixed: () => mine.map(([name, value]) => [name, of(others).find(([other]) => other === name)?.[1] ?? value]),
    unsigned: () => mine.filter(([name]) => !name.endsWith('.sig')),
  };
  return (how === undefined ? mine : changed[how]!()).map((pair) => pair.join('=')).join('; ');
}

/** Sends it, and gives the answer. Follows nothing. */
export async function send(input: Input, sender: Sender): Promise<Answer> {
  const { base, changes } = input;
  let fields: Field[] = await Promise.all(
    base.fields.map(async ([name, value]): Promise<Field> => [name, await sender.fill(value)]),
  );
  const elsewhere: Field[] = [];
  const headers: Record<string, string> = { accept: 'text/html', ...base.headers };
  let { method, path } = base as { method: string; path: string };
  let cookies: string | undefined;
  const splices: { at: number; text: string }[] = [];
  for (const each of changes) {
    const change = each.change === 'set' ? { ...each, value: await sender.fill(each.value) } : each;
    fields = applied(fields, change);
    if (change.change === 'header') headers[change.name] = change.value;
    else if (change.change === 'method') method = change.to;
    else if (change.change === 'path') path += change.to;
    else if (change.change === 'cookies') cookies = change.how;
    else if (change.change === 'splice') splices.push(change);
    else if (change.change === 'move' && fields.length > 0)
      elsewhere.push(...fields.splice(change.at % fields.length, 1));
  }
  const spliced = (text: string) =>
    splices.reduce((before, { at, text: put }) => {
      const place = at % (before.length + 1);
      return `${before.slice(0, place)}${put}${before.slice(place)}`;
    }, text);
  const inBody = base.method === 'POST';
  const [query, body] = inBody
    ? [joined(elsewhere), spliced(joined(fields))]
    : [spliced(joined(fields)), joined(elsewhere)];
  path = await sender.fill(path);
  const cookie = header(sender, path, cookies);
  if (cookie) headers.cookie ??= cookie;
  if (inBody || body) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  for (const name of Object.keys(headers))
    headers[name] = (await sender.fill(headers[name]!)).replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
  const target = (path + (query && `${path.includes('?') ? '&' : '?'}${query}`)).replaceAll(
    /[^\x21-\x7e]/g,
    encodeURIComponent,
  );
  return exchange(sender.origin, method, target, headers, body);
}

/** One request and its answer. Throws when the connection is cut. */
export function exchange(
  origin: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body = '',
): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  const asked = `${method} ${target}\n${JSON.stringify(headers)}\n${body}`;
  return new Promise((resolve, reject) => {
    const sent = request({
      hostname,
      port,
      method,
      path: target,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: connections,
    });
    sent.on('error', (cause: NodeJS.ErrnoException) => {
      // The server had closed the connection, which was idle for too long on a busy machine, as this request was sent: it was not read.
      if (sent.reusedSocket && cause.code === 'ECONNRESET') resolve(exchange(origin, method, target, headers, body));
      else reject(new Error(`no answer: ${cause.message}: ${asked.slice(0, 3000)}`, { cause }));
    });
    sent.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          asked,
          url: new URL(target.replace(/^\/+/, '/'), origin),
          status: answer.statusCode!,
          headers: answer.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    sent.end(body);
  });
}

/** Keeps what the answer sets. */
export function keepCookies(cookies: Cookies, { headers }: Answer): void {
  for (const line of headers['set-cookie'] ?? []) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    const path = /; path=([^;]*)/i.exec(line)?.[1] ?? '/';
    const gone = /; expires=Thu, 01 Jan 1970/i.test(line);
    if (gone) cookies.delete(`${path} ${name}`);
    else cookies.set(`${path} ${name}`, { name: name!, value: value!, path });
  }
}

/** All that comes back on a connection of its own for these bytes, Latin-1, until the server closes it or says nothing more. */
export function answersTo(origin: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on('connect', () => socket.end(Buffer.from(bytes, 'latin1')));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // The server may have closed already, having seen enough.
    socket.on('error', (fault: NodeJS.ErrnoException) => fault.code === 'ECONNREFUSED' && reject(fault));
    // A server that waits for more, as it may for 30 s, has said all that it says to this.
    socket.setTimeout(300, () => socket.destroy());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}
