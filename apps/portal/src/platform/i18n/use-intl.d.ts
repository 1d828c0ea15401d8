import type { en } from './en';
import type { Locale } from './locale';

declare module 'use-intl' {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof en;
  }
}
