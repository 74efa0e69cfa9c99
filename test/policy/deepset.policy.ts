import type { Area } from './notation.js';

export const DEEPSET: Area = {
  title: "deepset's invitation API",
  because: `The rules are those of invitations to an organisation and of its roles; the answers name no codes.`,
  namesNoCodes: true,
  table: `
                                                      nobody stranger suspended member admin owner OPERATOR ADMIN
    POST   /organization/{org}/invitation             401    404      403m      403    201   201   403      201
    POST   /organization/{org}/invitation (as OWNER)  401    404      403m      403    403c  201   403      201
    GET    /organization/{org}/roles                  401    404      403m      200    200   200   200      200
  `,
};
