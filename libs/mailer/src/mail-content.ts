/** What a mail says, as plain text; HTML and text bodies are both made from it. */
export interface MailContent {
  subject: string;
  /** BCP 47 tag of the language it is written in. */
  language: string;
  direction: 'ltr' | 'rtl';
  heading: string;
  paragraphs: string[];
  /** Words of another person, set apart. */
  quote?: string;
  /** The one thing to do; `path` is relative to `PUBLIC_URL`, and gets the secret as its fragment; `fallback` stands before the address in full. */
  action?: { label: string; path: string; fallback: string };
  /** In whose name it is sent, and how it looks: the colour is that of button and links. Missing: plain. */
  sender?: { name: string; logoUrl: string | null; accentColour: string | null };
  /** Where answers go; missing: to the sender of all mails. */
  replyTo?: string;
  /** Last of all, a sentence with an address to write to. */
  support?: { before: string; address: string; after: string };
  /** After the action: validity, what to do when this mail was not expected. */
  closing: string[];
  /** A way out of mails like this one, last of all; `path` gets a secret of its own. Left out: this mail cannot be refused. */
  optOut?: { label: string; path: string };
}
