import type { Area } from './notation.js';

export const GORULES: Area = {
  title: 'the invitation API of GoRules',
  because: `
    The organisation is the credential's, or named in the query as it is here: it is asked for what it is natively.`,
  table: `
                                                            nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /api/users                                       401    404      403m      403    200   200   200      200
    GET    /api/invitations                                 401    404      403m      403    200   200   200      200
    POST   /api/users                                       401    404      403m      403    200   200   403      200
    POST   /api/users (invited as OWNER)                    401    404      403m      403    403c  200   403      200
    POST   /api/users/{invitee}/invitation                  401    404      403m      403    200   200   403      200
    POST   /api/users/{invitee}/invitation (as OWNER)       401    404      403m      403    403c  200   403      200
  `,
};
