import type { Area } from './notation.js';

export const ORGANISATION: Area = {
  title: 'an organisation',
  because: `
    Strangers do not learn that it exists. Members see it, admins change it, owners alone delete it.
    Whoever may change how its mails look may see them.
    Its plan and its status are the platform's to decide: not even an owner changes them.`,
  table: `
                                              nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /organisations/{org}               401    404      403m      200    200   200   200      200
    PATCH  /organisations/{org}               401    404      403m      403    200   200   403      200
    POST   /organisations/{org}/mail-preview  401    404      403m      403    200   200   403      200
    DELETE /organisations/{org}               401    404      403m      403    403   204   403      204
    PUT    /organisations/{org}/plan          401    404      403m      403    403   403   403      200
    PUT    /organisations/{org}/status        401    404      403m      403    403   403   403      200
    GET    /organisations/{org}/seats         401    404      403m      200    200   200   200      200
  `,
};

export const MEMBERS: Area = {
  title: 'members',
  because: `
    Everybody in the organisation sees who is in it, and what they may do; admins and owners manage them.
    Nobody gives a role above their own, or touches somebody above themselves.`,
  table: `
                                                                   nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /organisations/{org}/members                            401    404      403m      200    200   200   200      200
    GET    /organisations/{org}/members/{user}                     401    404      403m      200    200   200   200      200
    GET    /organisations/{org}/members/{user}/access              401    404      403m      200    200   200   200      200
    DELETE /organisations/{org}/members/{user}                     401    404      403m      403    204   204   403      204
    DELETE /organisations/{org}/members/{user} (an owner)          401    404      403m      403    403c  204   403      204
    PUT    /organisations/{org}/members/{user}/role                401    404      403m      403    200   200   403      200
    PUT    /organisations/{org}/members/{user}/role (to OWNER)     401    404      403m      403    403c  200   403      200
    PUT    /organisations/{org}/members/{user}/role (of an owner)  401    404      403m      403    403c  200   403      200
    PUT    /organisations/{org}/members/{user}/status              401    404      403m      403    200   200   403      200
    PUT    /organisations/{org}/members/{user}/status (an owner)   401    404      403m      403    403c  200   403      200
  `,
};

export const ONESELF: Area = {
  title: 'oneself as a member',
  because: `
    Anyone may leave. Nobody changes their own role. Platform staff are not members of the organisation;
    a key of an organisation or the platform has no self.`,
  table: `
                                                               nobody stranger. suspended member. admin. owner OPERATOR. ADMIN. key
    DELETE /organisations/{org}/members/{user} (oneself)       401    404       403m      204     204    204   404       404    -
    PUT    /organisations/{org}/members/{user}/role (oneself)  401    404       403m      403     403o   403o  403       404    -
  `,
};
