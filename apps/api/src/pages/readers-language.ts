import { Injectable, Logger } from '@nestjs/common';
import { acceptedLanguage, type Language, languageFor } from '../languages/languages.js';
import { PlatformService } from '../platform/platform.service.js';

/** In which language a page is written. */
@Injectable()
export class ReadersLanguage {
  private readonly logger = new Logger(ReadersLanguage.name);

  constructor(private readonly platform: PlatformService) {}

  /** As the reader's browser asks by `Accept-Language`; the platform's where it asks for none that there is. */
  async of(header: string | undefined): Promise<Language> {
    return languageFor(acceptedLanguage(header) ?? (await this.ofPlatform()));
  }

  /** Null when the settings cannot be read: the page still comes. */
  private async ofPlatform(): Promise<string | null> {
    try {
      return (await this.platform.settings()).defaultLocale;
    } catch (error) {
      this.logger.warn(`The platform's language cannot be read: ${String(error)}`);
      return null;
    }
  }
}
