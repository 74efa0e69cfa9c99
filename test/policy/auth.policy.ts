import type { Area } from './notation.js';

export const AUTH: Area = {
  title: 'signing in, and passwords',
  because: `
    Sessions and passwords belong to people: no key may touch them, whatever it may do otherwise.
    Whoever has no account yet, or forgot the password, needs no credential here; signing in ignores one.`,
  table: `
                                          nobody person personal-key key
    POST   /auth/sign-in                  200    200    200          200
    POST   /auth/sign-out                 401    204    403s         403s
    GET    /auth/sessions                 401    200    403s         403s
    DELETE /auth/sessions/{session}       401    204    403s         403s
    DELETE /auth/sessions                 401    204    403s         403s
    POST   /auth/password-resets          202    202    403s         403s
    POST   /auth/password-resets/confirm  204    204    403s         403s
  `,
};

export const ME: Area = {
  title: 'oneself',
  because: `
    Everybody with an account sees and changes their own, also while an organisation has suspended them.
    A personal key acts as its owner, but neither makes keys, nor changes the password, nor accepts for them.
    Keys of organisations and of the platform are nobody's self.`,
  table: `
                                                 nobody person personal-key key
    GET    /me                                   401    200    200          403s
    PATCH  /me                                   401    200    200          403s
    PUT    /me/password                          401    204    403s         403s
    GET    /me/memberships                       401    200    200          403s
    GET    /me/invitations                       401    200    200          403s
    POST   /me/invitations/{invitation}/accept   401    200    403s         403s
    POST   /me/invitations/{invitation}/decline  401    204    403s         403s
    GET    /me/api-keys                          401    200    403s         403s
    POST   /me/api-keys                          401    201    403s         403s
    DELETE /me/api-keys/{key}                    401    204    403s         403s
  `,
};
