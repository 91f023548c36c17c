/** The gate as middleware for Express, Connect, and whatever else takes (req, res, next). */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGate, type GateOptions } from './gate.ts';
import type { AccessToken } from './token.ts';

/** A request that has passed the gate. */
export type RequestWithToken = IncomingMessage & { token?: AccessToken };

export type ConnectMiddleware = (req: RequestWithToken, res: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * Lets a request on only with an access token that meets `options`; the token's facts are then in `req.token`.
 * Otherwise it answers 400, 401 or 403 with a challenge, or 503 while the issuer's keys cannot be had (RFC 6750, 3;
 * RFC 9470, 3). Throws TypeError, when it is made, if the options cannot mean what they say.
 */
export function requireLevel(options: GateOptions): ConnectMiddleware {
  const gate = createGate(options);
  return (req, res, next) => {
    gate(req.headers.authorization).then((verdict) => {
      if (verdict.kind === 'open') {
        req.token = verdict.token;
        return next();
      }
      res.writeHead(verdict.answer.status, verdict.answer.headers).end(verdict.answer.body);
    }, next);
  };
}
