/** How Redis and PostgreSQL are spoken to, as far as one has to know to tell a write from the next. */

import type { Protocol } from './killing-proxy.ts';

/** Redis's protocol, 2 or 3. Kapu writes by these commands; whatever else it sends reads. */
export const redisProtocol: Protocol = {
  commandEnd: (bytes) => valueEnd(bytes, 0),
  isAnswered: () => true,
  isWrite: (command) => /^\*\d+\r\n\$\d+\r\n(set|del|getdel|evalsha|eval)\r\n/i.test(command.toString('latin1', 0, 40)),
  messageEnd: (bytes) => valueEnd(bytes, 0),
  isLast: () => true,
};

/** Where the value that begins at `at` ends. */
function valueEnd(bytes: Buffer, at: number): number | undefined {
  const line = bytes.indexOf('\r\n', at);
  if (line < 0) return undefined;
  const type = String.fromCharCode(bytes[at]!);
  const count = Number(bytes.toString('latin1', at + 1, line));
  let end = line + 2;
  if ('$=!'.includes(type)) {
    if (count >= 0) end += count + 2;
    return end <= bytes.length ? end : undefined;
  }
  if (!'*~>%'.includes(type)) return end;
  for (let left = type === '%' ? 2 * count : count; left > 0; left--) {
    const next = valueEnd(bytes, end);
    if (next === undefined) return undefined;
    end = next;
  }
  return end;
}

/**
 * PostgreSQL's, version 3. A command is all that is sent up to a Sync or Query, which PostgreSQL answers with ReadyForQuery;
 * the first message of a connection has no type. A statement is named in full when it is first sent.
 */
export const postgresProtocol: Protocol = {
  commandEnd(bytes, isFirst) {
    if (isFirst) return bytes.length >= 4 && bytes.length >= bytes.readUInt32BE(0) ? bytes.readUInt32BE(0) : undefined;
    for (let at = 0; ; ) {
      const end = typedEnd(bytes, at);
      if (end === undefined || 'SQpX'.includes(String.fromCharCode(bytes[at]!))) return end;
      at = end;
    }
  },
  // A password and a farewell are not; the first message, which begins with its length, is.
  isAnswered: (command) => !'pX'.includes(String.fromCharCode(command[0]!)),
  isWrite: (command) =>
    /^[QP][\s\S]*?\b(begin|start transaction|commit|insert|update|delete)\b/i.test(command.toString('latin1')),
  messageEnd: (bytes) => typedEnd(bytes, 0),
  isLast: (message) => message[0] === 'Z'.charCodeAt(0),
};

function typedEnd(bytes: Buffer, at: number): number | undefined {
  if (bytes.length < at + 5) return undefined;
  const end = at + 1 + bytes.readUInt32BE(at + 1);
  return end <= bytes.length ? end : undefined;
}
