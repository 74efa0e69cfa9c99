import type { Area } from './notation.js';

export const WIREMOCK: Area = {
  title: "WireMock's invitations",
  because: `
    The same as for invitations to an organisation. Invitations to a single project are made and seen here
    by those who may for the whole organisation.`,
  table: `
                                                                          nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /v1/organisations/{org}/invitations                            401    404      403m      403    200   200   200      200
    POST   /v1/organisations/{org}/invitations                            401    404      403m      403    201   201   403      201
    POST   /v1/organisations/{org}/invitations (to a project)             401    404      403m      403    201   201   403      201
    GET    /v1/organisations/{org}/invitations/{invitation}               401    404      403m      403    200   200   200      200
    DELETE /v1/organisations/{org}/invitations/{invitation}               401    404      403m      403    204   204   403      204
    DELETE /v1/organisations/{org}/invitations/{invitation} (as OWNER)    401    404      403m      403    403c  204   403      204
  `,
};
