import type { Area } from './notation.js';

export const KEYS: Area = {
  title: 'keys of an organisation',
  because: `Admins and owners see, make and end them; no key holds more than its maker, and nobody ends one that holds more than they do.`,
  table: `
                                                              nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /organisations/{org}/api-keys                      401    404      403m      403    200   200   403      200
    POST   /organisations/{org}/api-keys                      401    404      403m      403    201   201   403      201
    POST   /organisations/{org}/api-keys (of an OWNER)        401    404      403m      403    403c  201   403      201
    DELETE /organisations/{org}/api-keys/{key}                401    404      403m      403    204   204   403      204
    DELETE /organisations/{org}/api-keys/{key} (of an OWNER)  401    404      403m      403    403c  204   403      204
  `,
};

export const TRAIL: Area = {
  title: 'what was done in an organisation',
  because: `For those who answer for it, and for platform staff.`,
  table: `
                                           nobody stranger suspended member admin owner OPERATOR ADMIN
    GET /organisations/{org}/audit-events  401    404      403m      403    200   200   200      200
  `,
};
