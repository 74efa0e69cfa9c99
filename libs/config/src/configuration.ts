import { Transform } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { addressOf } from './mail-address.js';

const WEB_URL = { protocols: ['http', 'https'], require_tld: false, require_protocol: true };
const toNumber = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? Number(value) : value);
const toList = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.split(',').map((item) => item.trim()) : value;

/** Every setting of the process, named as its environment variable. `.env.example` says the same to operators. */
export class Configuration {
  /** `production` makes missing or weak settings a start-up error. */
  @IsIn(['development', 'test', 'production'])
  readonly NODE_ENV: string = 'development';

  /** TCP port; 0 takes a free one. */
  @Transform(toNumber)
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 3000;

  /** Address to listen on; all in production, only this machine otherwise. */
  @IsOptional()
  @IsString()
  readonly HOST?: string;

  /** Where people reach Usher; the links in mails are built from it, never from a request. Default `http://localhost:PORT`. */
  @IsOptional()
  @IsUrl(WEB_URL, { message: 'PUBLIC_URL must be an http or https address such as https://usher.example.com' })
  readonly PUBLIC_URL?: string;

  /** At least 32 characters; encrypts queued tokens and signs page cursors. Outside production one is made and kept in `DATA_DIR`. */
  @IsOptional()
  @MinLength(32, { message: 'APP_SECRET must have at least 32 characters; `openssl rand -base64 48` makes one' })
  readonly APP_SECRET?: string;

  /** The `APP_SECRET` before this one: what was encrypted or signed with it is still read. Take it away a month after the change. */
  @IsOptional()
  @MinLength(32, {
    message: 'APP_SECRET_PREVIOUS must be the APP_SECRET that was used before, of 32 characters or more',
  })
  readonly APP_SECRET_PREVIOUS?: string;

  /** `postgres://…` of a PostgreSQL 15 or newer. Not set: embedded PostgreSQL in `DATA_DIR`. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\//, { message: 'DATABASE_URL must start with postgres://' })
  readonly DATABASE_URL?: string;

  /** Connections to PostgreSQL that this process may hold. */
  @Transform(toNumber)
  @IsInt()
  @Min(2)
  @Max(200)
  readonly DATABASE_POOL_SIZE: number = 16;

  /** How long PostgreSQL may work on one statement, in seconds; two thirds of it for a lock, twice as long between the statements of a transaction. */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(600)
  readonly DATABASE_TIMEOUT_SECONDS: number = 15;

  /** Folder of the embedded database; `memory://` keeps nothing. */
  @IsString()
  readonly DATA_DIR: string = './data';

  /** An archive that an in-memory database begins with, so that tests need not migrate each time. */
  @IsOptional()
  @IsString()
  readonly EMBEDDED_TEMPLATE?: string;

  /** E-mail address of the first platform admin, used once: when there is none. */
  @IsOptional()
  @IsEmail()
  readonly ADMIN_EMAIL?: string;

  /** The first platform admin's password, 8 to 128 characters; in production none that is easy to guess. */
  @IsOptional()
  @MinLength(8)
  @MaxLength(128)
  readonly ADMIN_PASSWORD?: string;

  /** `smtp://user:password@host:587` or `smtps://…`. Not set: mails are kept for the mailbox page, or links are answered in production. */
  @IsOptional()
  @Matches(/^smtps?:\/\/.+/i, { message: 'SMTP_URL must start with smtp:// or smtps://' })
  readonly SMTP_URL?: string;

  /** The sender, `Name <address>` or an address alone; required with `SMTP_URL`. */
  @IsOptional()
  @IsString()
  readonly MAIL_FROM?: string;

  /** At least 32 characters; whoever reports what became of mails signs with it. Not set: nobody can. */
  @IsOptional()
  @MinLength(32, {
    message: 'MAIL_EVENTS_SECRET must have at least 32 characters; `openssl rand -hex 32` makes one',
  })
  readonly MAIL_EVENTS_SECRET?: string;

  /** Origins of browser dashboards, separated by commas. */
  @Transform(toList)
  @IsUrl(WEB_URL, {
    each: true,
    message: 'CORS_ORIGINS must be origins such as https://admin.example.com, separated by commas',
  })
  readonly CORS_ORIGINS: string[] = [];

  /** Proxies in front of Usher whose `X-Forwarded-For` is believed: addresses or networks, separated by commas. */
  @Transform(toList)
  @IsString({ each: true })
  readonly TRUST_PROXY: string[] = [];

  /** Where spans are sent by OTLP/HTTP as JSON, such as `http://collector:4318`. Not set: nothing is traced, and nothing loaded for it. */
  @IsOptional()
  @IsUrl(WEB_URL, {
    message: 'OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https address such as http://collector:4318',
  })
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  readonly LOG_LEVEL: string = 'info';

  /** How long a session lasts at most, in hours. */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(8_760)
  readonly SESSION_HOURS: number = 720;

  /** After how many hours without use a session ends. */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(8_760)
  readonly SESSION_IDLE_HOURS: number = 168;

  /** Password verifications that may run at once; each takes a core and 19 MiB. */
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(64)
  readonly PASSWORD_CONCURRENCY: number = 2;

  /** Requests that may be under way in this process at once; who comes then is told to come again. */
  @Transform(toNumber)
  @IsInt()
  @Min(16)
  @Max(10_000)
  readonly MAX_REQUESTS_UNDER_WAY: number = 250;

  /** For how many days what became of a mail is kept; that of an open invitation always. */
  @Transform(toNumber)
  @IsInt()
  @Min(31)
  @Max(36_500)
  readonly MAIL_RETENTION_DAYS: number = 365;

  /** For how many days audit events are kept. Not set: for ever. */
  @Transform(toNumber)
  @IsOptional()
  @IsInt()
  @Min(30)
  @Max(36_500)
  readonly AUDIT_RETENTION_DAYS?: number;

  /** Who reads `/metrics` must send it as `Authorization: Bearer`, at least 16 characters. Not set: nobody may in production, everyone elsewhere. */
  @IsOptional()
  @MinLength(16)
  readonly METRICS_TOKEN?: string;

  /** Whether Swagger UI at `/docs` and `/openapi.json` are served. */
  @IsIn(['on', 'off'])
  readonly API_DOCS: string = 'on';

  get isProduction(): boolean {
    return this.NODE_ENV === 'production';
  }

  /** Without a trailing slash. */
  get publicUrl(): string {
    return (this.PUBLIC_URL ?? `http://localhost:${this.PORT}`).replace(/\/+$/, '');
  }

  get host(): string {
    return this.HOST ?? (this.isProduction ? '0.0.0.0' : '127.0.0.1');
  }

  /** How mail leaves: by SMTP, into the mailbox page, or not at all (links are answered instead). */
  get mailChannel(): 'smtp' | 'mailbox' | 'none' {
    if (this.SMTP_URL) return 'smtp';
    return this.isProduction ? 'none' : 'mailbox';
  }

  get mailFrom(): { name: string; address: string } {
    return addressOf(this.MAIL_FROM ?? '') ?? { name: 'Usher', address: 'usher@localhost' };
  }
}
