import type { Json } from '../model.ts';

/** Texts of the framework, which are translated; Waldur's own stay English (contract 5). `{}` stands for what varies. */
const TEXTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Authentication credentials were not provided.': {
    et: 'Autentimistunnus on esitamata.',
    de: 'Anmeldedaten fehlen.',
    ru: 'Учетные данные не были предоставлены.',
    fr: "Informations d'authentification non fournies.",
    lt: 'Autentifikacijos duomenys nesuteikti.',
    nb: 'Manglende autentiseringsinformasjon.',
    lv: 'Netika nodrošināti autorizācijas parametri.',
  },
  'Invalid token.': {
    et: 'Sobimatu lubakaart.',
    de: 'Ungültiges Token',
    ru: 'Недопустимый токен.',
    fr: 'Token non valide.',
    nb: 'Ugyldig token.',
    lv: 'Nederīga pilnavara.',
  },
  'This field is required.': {
    et: 'Väli on kohustuslik.',
    de: 'Dieses Feld ist erforderlich.',
    ru: 'Обязательное поле.',
    fr: 'Ce champ est obligatoire.',
    lt: 'Šis laukas yra privalomas.',
    nb: 'Dette feltet er påkrevd.',
    lv: 'Šis lauks ir obligāts.',
  },
  'Select a valid choice. {} is not one of the available choices.': {
    et: 'Valige korrektne väärtus. {} ei ole valitav.',
    de: 'Bitte eine gültige Auswahl treffen. {} ist keine gültige Auswahl.',
    ru: 'Выберите корректный вариант. {} нет среди допустимых значений.',
    fr: 'Sélectionnez un choix valide. {} n’en fait pas partie.',
    lt: 'Nurodykite tinkamą reikšmę. {} nėra galimas pasirinkimas.',
    nb: 'Velg et gyldig valg. {} er ikke et av de tilgjengelige valgene.',
    lv: 'Izvēlieties korektu izvēli. {} nav pieejamo izvēļu sarakstā.',
  },
};

const LANGUAGES = new Set(['en', 'et', 'de', 'ru', 'fr', 'lt', 'nb', 'lv']);

/** The first language of an Accept-Language header that the server has. */
export function chooseLanguage(header: string | undefined): string {
  for (const item of (header ?? '').split(',')) {
    const language = item.split(';')[0]?.trim().toLowerCase().split('-')[0] ?? '';
    if (LANGUAGES.has(language)) return language;
  }
  return 'en';
}

/** Translates every text of a refusal. */
export function translate(body: Json, language: string): Json {
  if (language === 'en') return body;
  if (typeof body === 'string') return translateText(body, language);
  if (Array.isArray(body)) return body.map((item) => translate(item, language));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).map(([key, item]) => [key, translate(item, language)]));
}

function translateText(text: string, language: string): string {
  for (const [english, others] of Object.entries(TEXTS)) {
    const translated = others[language];
    if (translated === undefined) continue;
    const [before = '', after] = english.split('{}');
    if (after === undefined) {
      if (text === english) return translated;
    } else if (text.startsWith(before) && text.endsWith(after)) {
      return translated.replace('{}', () => text.slice(before.length, text.length - after.length));
    }
  }
  return text;
}
