/** HTML pages of Django (contract 6.1). */
const page = (title: string, text: string): string =>
  `\n<!doctype html>\n<html lang="en">\n<head>\n  <title>${title}</title>\n</head>\n<body>\n  <h1>${title}</h1><p>${text}</p>\n</body>\n</html>\n`;

export const NOT_FOUND_PAGE = page('Not Found', 'The requested resource was not found on this server.');
export const SERVER_ERROR_PAGE = page('Server Error (500)', '');

/** What a browser gets instead of JSON. */
export const browsable = (json: string): string =>
  `<!DOCTYPE html>\n<html>\n<head><title>Waldur MasterMind</title></head>\n<body><pre>${json
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')}</pre></body>\n</html>\n`;
