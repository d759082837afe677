/** All words on the screen go through here, so that JupyterLab's language packs can translate them. */

/** What the drawing modules need of a translator; JupyterLab's `TranslationBundle` is one. */
export interface ISay {
  __(text: string, ...values: (string | number)[]): string;
}

/** English as it is written in the source, for places without language packs. */
export const plainWords: ISay = {
  __: (text, ...values) =>
    text.replace(/%(\d+)/g, (_, place: string) => String(values[Number(place) - 1] ?? ''))
};
