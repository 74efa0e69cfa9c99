import type { Area } from './notation.js';

export const ACTIVEPIECES: Area = {
  title: "Activepieces' invitations to a project",
  because: `As in the native API: in the hands of that project's admins, and of the organisation's admins and owners.`,
  table: `
                                                     nobody stranger suspended outside viewer editor its-admin admin owner OPERATOR ADMIN
    POST   /v1/user-invitations (to a project)       401k   404e     403d      403d    403d   403d   201       201   201   403d     201
    GET    /v1/user-invitations (of a project)       401k   404e     403d      403d    403d   403d   200       200   200   200      200
    DELETE /v1/user-invitations/{invitation}         401k   404e     403d      403d    403d   403d   204       204   204   403d     204
  `,
};

export const ACTIVEPIECES_OF_THE_PLATFORM: Area = {
  title: "Activepieces' invitations to the platform",
  because: `They belong to platform staff. Whoever is none is told so when they name the platform, and finds no such invitation.`,
  table: `
                                                                nobody other OPERATOR ADMIN
    POST   /v1/user-invitations (to the platform)               401k   403a  403a     201
    GET    /v1/user-invitations (to the platform)               401k   403a  200      200
    DELETE /v1/user-invitations/{invitation} (to the platform)  401k   404e  403a     204
  `,
};

export const ACTIVEPIECES_ACCEPT: Area = {
  title: "Activepieces' acceptance",
  because: `The secret of the link is what counts; who has an account must be signed in as it. Keys accept nothing.`,
  table: `
                                                                  nobody person personal-key key
    POST /v1/user-invitations/accept (for a new address)          200    403a   403a         403a
    POST /v1/user-invitations/accept (for one with an account)    401t   200    403a         403a
  `,
};
