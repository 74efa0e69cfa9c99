import type { Area } from './notation.js';

export const ROLES: Area = {
  title: 'roles',
  because: `
    Everybody in the organisation sees which roles there are; admins and owners make their own ones,
    none of which holds more than its maker.`,
  table: `
                                                        nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /organisations/{org}/roles                   401    404      403m      200    200   200   200      200
    POST   /organisations/{org}/roles                   401    404      403m      403    201   201   403      201
    POST   /organisations/{org}/roles (above an admin)  401    404      403m      403    403c  201   403      201
    PATCH  /roles/{role}                                401    404      403m      403    200   200   403      200
    PATCH  /roles/{role} (above an admin)               401    404      403m      403    403c  200   403      200
    DELETE /roles/{role}                                401    404      403m      403    204   204   403      204
    DELETE /roles/{role} (above an admin)               401    404      403m      403    403c  204   403      204
  `,
};

export const BUILT_IN_ROLES: Area = {
  title: 'built-in roles',
  because: `They are the same in every organisation, and nobody changes them: not even platform ADMINs.`,
  table: `
                                     nobody credential
    PATCH  /roles/{role} (built in)  401    403b
    DELETE /roles/{role} (built in)  401    403b
  `,
};
