// What the player says, in the reader's language.

const EN = {
  region: "Audio: {title}",
  listen: "Listen to this article",
  preview: "Preview",
  play: "Play",
  pause: "Pause",
  again: "Play again",
  loading: "Loading",
  position: "Position",
  of: "{at} of {length}",
  inParagraph: "{at} of {length}, paragraph {number}",
  back: "Back 15 seconds",
  forward: "Forward 15 seconds",
  previous: "Previous paragraph",
  next: "Next paragraph",
  speed: "Speed",
  speedNow: "Speed {rate}",
  mute: "Mute",
  unmute: "Unmute",
  muted: "Muted",
  audible: "Sound on",
  text: "Text",
  fromParagraph: "{time}, play from paragraph {number}",
  fromHere: "{time}, play from here",
  clip: "Audio clip",
  paragraphNow: "Paragraph {number} of {count}",
  follow: "Go to what is being read",
  ended: "End of the article",
  previewEnded: "That was the preview",
  subscribeText: "Subscribe to hear the whole article.",
  subscribe: "Subscribe",
  unconfirmed: "Your subscription could not be confirmed, so this is the preview. Please sign in again.",
  offline: "The audio could not be loaded. Please check your connection.",
  missing: "There is no audio for this article yet.",
  refused: "Please sign in to hear this article.",
  failed: "The audio cannot be played right now.",
  retry: "Try again",
};

const DE = {
  region: "Audio: {title}",
  listen: "Artikel anhören",
  preview: "Hörprobe",
  play: "Abspielen",
  pause: "Pause",
  again: "Noch einmal abspielen",
  loading: "Wird geladen",
  position: "Position",
  of: "{at} von {length}",
  inParagraph: "{at} von {length}, Absatz {number}",
  back: "15 Sekunden zurück",
  forward: "15 Sekunden vor",
  previous: "Vorheriger Absatz",
  next: "Nächster Absatz",
  speed: "Tempo",
  speedNow: "Tempo {rate}",
  mute: "Ton aus",
  unmute: "Ton an",
  muted: "Stumm",
  audible: "Ton ist an",
  text: "Text",
  fromParagraph: "{time}, ab Absatz {number} abspielen",
  fromHere: "{time}, ab hier abspielen",
  clip: "Tonausschnitt",
  paragraphNow: "Absatz {number} von {count}",
  follow: "Zur gelesenen Stelle",
  ended: "Ende des Artikels",
  previewEnded: "Das war die Hörprobe",
  subscribeText: "Mit einem Abo hören Sie den ganzen Artikel.",
  subscribe: "Abonnieren",
  unconfirmed: "Ihr Abo ließ sich nicht bestätigen, deshalb hören Sie die Hörprobe. Bitte melden Sie sich neu an.",
  offline: "Das Audio konnte nicht geladen werden. Bitte prüfen Sie die Verbindung.",
  missing: "Zu diesem Artikel gibt es noch kein Audio.",
  refused: "Bitte melden Sie sich an, um diesen Artikel zu hören.",
  failed: "Das Audio lässt sich gerade nicht abspielen.",
  retry: "Erneut versuchen",
};

const FR = {
  region: "Audio : {title}",
  listen: "Écouter cet article",
  preview: "Extrait",
  play: "Lecture",
  pause: "Pause",
  again: "Réécouter",
  loading: "Chargement",
  position: "Position",
  of: "{at} sur {length}",
  inParagraph: "{at} sur {length}, paragraphe {number}",
  back: "Reculer de 15 secondes",
  forward: "Avancer de 15 secondes",
  previous: "Paragraphe précédent",
  next: "Paragraphe suivant",
  speed: "Vitesse",
  speedNow: "Vitesse {rate}",
  mute: "Couper le son",
  unmute: "Rétablir le son",
  muted: "Son coupé",
  audible: "Son rétabli",
  text: "Texte",
  fromParagraph: "{time}, écouter à partir du paragraphe {number}",
  fromHere: "{time}, écouter à partir d’ici",
  clip: "Extrait sonore",
  paragraphNow: "Paragraphe {number} sur {count}",
  follow: "Aller au passage lu",
  ended: "Fin de l’article",
  previewEnded: "C’était l’extrait",
  subscribeText: "Abonnez-vous pour écouter tout l’article.",
  subscribe: "S’abonner",
  unconfirmed: "Votre abonnement n’a pas pu être confirmé : voici l’extrait. Veuillez vous reconnecter.",
  offline: "L’audio n’a pas pu être chargé. Vérifiez votre connexion.",
  missing: "Il n’y a pas encore d’audio pour cet article.",
  refused: "Connectez-vous pour écouter cet article.",
  failed: "L’audio ne peut pas être lu pour le moment.",
  retry: "Réessayer",
};

const LANGUAGES = { en: EN, de: DE, fr: FR };

/** The wording for a language tag; English for languages that we do not speak. */
export class Strings {
  constructor(tag) {
    const base = String(tag).toLowerCase().split("-")[0];
    this.language = base in LANGUAGES ? base : "en";
    this.words = LANGUAGES[this.language];
  }

  say(name, values = {}) {
    return this.words[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  }

  /** Seconds as a screen reader should say them: "1 minute 20 seconds". */
  spoken(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const counts = [
      ["hour", Math.floor(whole / 3600)],
      ["minute", Math.floor(whole / 60) % 60],
      ["second", whole % 60],
    ];
    const said = counts.filter(([, count]) => count > 0);
    return (said.length ? said : [["second", 0]])
      .map(([unit, count]) => this.#unit(unit, count, "long"))
      .join(" ");
  }

  /** How long a piece is, for a headline: "4 min". */
  about(seconds) {
    return seconds < 60
      ? this.#unit("second", Math.round(seconds), "short")
      : this.#unit("minute", Math.round(seconds / 60), "short");
  }

  rate(rate) {
    return `${new Intl.NumberFormat(this.language).format(rate)}×`;
  }

  #unit(unit, count, unitDisplay) {
    const style = { style: "unit", unit, unitDisplay };
    return new Intl.NumberFormat(this.language, style).format(count);
  }
}

/** Seconds as on a clock: 0:42, 1:02:03. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
