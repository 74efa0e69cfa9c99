import type { Configuration } from '@usher/config';
import { mailerOptions } from './mail-transport.factory.js';
import type { Mailbox } from './mailbox.js';

const optionsFor = (SMTP_URL: string): unknown => {
  const publicUrl = 'https://usher.example.com';
  const configuration = { SMTP_URL, publicUrl, isProduction: true, mailChannel: 'smtp' } as Configuration; // as: all that is read
  return mailerOptions(configuration, {} as Mailbox).transport;
};

describe('the connection to a mail server', () => {
  it.each(['smtp://127.0.0.1', 'smtp://localhost:25', 'SMTP://LOCALHOST', 'smtps://[::1]'])(
    'needs no certificate on this machine: %s',
    (url) => {
      expect(optionsFor(url)).toMatchObject({ requireTLS: false, tls: { rejectUnauthorized: false } });
    },
  );

  it.each(['smtp://mail.example.com', 'SMTP://mail.example.com', 'smtp://mail.example.com?ignoreTLS=0'])(
    'needs one elsewhere: %s',
    (url) => {
      expect(optionsFor(url)).toMatchObject({ requireTLS: true });
      expect(optionsFor(url)).not.toHaveProperty('tls');
    },
  );

  it.each(['?ignoreTLS=true', '?ignoreTLS=1', '?pool=true&ignoreTLS=1&logger=false'])(
    'needs no encryption with %s',
    (query) => {
      expect(optionsFor(`smtp://mail.example.com${query}`)).toMatchObject({ requireTLS: false });
    },
  );
});
