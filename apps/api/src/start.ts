import 'reflect-metadata';
import { type Configuration, createLogger, loadConfiguration, readEnvFile } from '@usher/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.setup.js';
import { FirstAdmin } from './auth/first-admin.js';
import { leave } from './leave.js';
import type { StopSignal } from './stop-signal.js';

/** Reads the configuration, listens, says where; `stopSignal` ends it in good order. */
export async function start(stopSignal: StopSignal): Promise<void> {
  try {
    const file = readEnvFile('.env');
    // Tracing and the time zone are read from the process's own environment.
    process.env = { ...file.variables, ...process.env };
    const configuration = loadConfiguration(process.env);
    const logger = createLogger(configuration.LOG_LEVEL);
    for (const warning of file.warnings) logger.warn(warning);
    const app = await createApp(configuration);
    await app.listen(configuration.PORT, configuration.host);
    stopSignal.answerWith((signal) => void leave(app, signal));
    welcome(app, configuration);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

function welcome(app: NestFastifyApplication, configuration: Configuration): void {
  const { firstSignIn } = app.get(FirstAdmin);
  const database = configuration.DATABASE_URL ? 'PostgreSQL at DATABASE_URL' : `embedded, in ${configuration.DATA_DIR}`;
  const lines = [
    `Usher is up at ${configuration.publicUrl}`,
    `  API        ${configuration.publicUrl}/api/v1`,
    `  database   ${database}`,
  ];
  if (configuration.API_DOCS === 'on') lines.push(`  explorer   ${configuration.publicUrl}/docs`);
  if (configuration.mailChannel === 'mailbox') lines.push(`  mailbox    ${configuration.publicUrl}/mailbox`);
  if (firstSignIn) lines.push(`  sign in    ${firstSignIn.email}`);
  if (firstSignIn?.generatedPassword) lines.push(`  password   ${firstSignIn.generatedPassword}   (shown this once)`);
  console.log(`\n${lines.join('\n')}\n`);
}
