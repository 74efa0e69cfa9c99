import type { Area } from './notation.js';

export const INVITATIONS: Area = {
  title: 'invitations to an organisation',
  because: `
    Admins and owners send, see, change and withdraw them, but none that gives more than they hold themselves.
    OPERATORs see them. Admins of a single project see only those to their project.`,
  table: `
                                                        nobody stranger suspended member admin owner OPERATOR ADMIN
    GET    /organisations/{org}/invitations             401    404      403m      403    200   200   200      200
    POST   /organisations/{org}/invitations             401    404      403m      403    201   201   403      201
    POST   /organisations/{org}/invitations (as OWNER)  401    404      403m      403    403c  201   403      201
    POST   /organisations/{org}/invitations/bulk        401    404      403m      403    200   200   403      200
    GET    /invitations/{invitation}                    401    404      403m      403    200   200   200      200
    GET    /invitations/{invitation} (as OWNER)         401    404      403m      403    200   200   200      200
    PATCH  /invitations/{invitation}                    401    404      403m      403    200   200   403      200
    PATCH  /invitations/{invitation} (as OWNER)         401    404      403m      403    403c  200   403      200
    DELETE /invitations/{invitation}                    401    404      403m      403    204   204   403      204
    DELETE /invitations/{invitation} (as OWNER)         401    404      403m      403    403c  204   403      204
    POST   /invitations/{invitation}/resend             401    404      403m      403    200   200   403      200
    POST   /invitations/{invitation}/resend (as OWNER)  401    404      403m      403    403c  200   403      200
  `,
};

export const INVITATIONS_OF_A_PROJECT: Area = {
  title: 'invitations in a project',
  because: `They are in the hands of that project's admins as well.`,
  table: `
                                                            nobody stranger suspended outside viewer editor its-admin admin owner OPERATOR ADMIN
    GET    /invitations/{invitation} (in a project)         401    404      403m      403     403    403    200       200   200   200      200
    PATCH  /invitations/{invitation} (in a project)         401    404      403m      403     403    403    200       200   200   403      200
    DELETE /invitations/{invitation} (in a project)         401    404      403m      403     403    403    204       204   204   403      204
    POST   /invitations/{invitation}/resend (in a project)  401    404      403m      403     403    403    200       200   200   403      200
  `,
};

export const INVITATIONS_TO_THE_PLATFORM: Area = {
  title: 'invitations to the platform',
  because: `They belong to platform staff; everybody else is a stranger to them.`,
  table: `
                                                               nobody other OPERATOR ADMIN
    GET    /invitations/{invitation} (to the platform)         401    404   200      200
    PATCH  /invitations/{invitation} (to the platform)         401    404   403      200
    DELETE /invitations/{invitation} (to the platform)         401    404   403      204
    POST   /invitations/{invitation}/resend (to the platform)  401    404   403      200
  `,
};

export const INVITEE: Area = {
  title: 'the person invited',
  because: `
    The secret of the link is what counts: everybody who holds it may look it up, decline it, or ask for a fresh one.
    It is accepted without a credential by those who have no account, and signed in by those who have one, if it is for them.
    Keys accept and decline nothing.`,
  table: `
                                                        nobody person personal-key key
    POST /invitations/lookup                            200    200    200          200
    POST /invitations/renewal-requests                  202    202    202          202
    POST /invitations/accept (for a new address)        200    403w   403s         403s
    POST /invitations/accept (for one with an account)  401a   200    403s         403s
    POST /invitations/decline                           204    204    403s         403s
    POST /invitations/refusals/lookup                   200    200    200          200
    POST /invitations/refusals                          204    204    204          204
  `,
};
