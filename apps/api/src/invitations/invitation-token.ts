import { freshBytes } from '@usher/config';

/** 256 random bits, base64url: the secret of a link. `hashOf` makes what is stored. */
export const newInvitationToken = (): string => freshBytes(32).toString('base64url');
