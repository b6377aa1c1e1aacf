// The system's media keys and lock screen, for the player that played last.

const SKIP = 15;

/** Shows what is playing and sends the system's buttons to `player`; `artwork` may be "". */
export function takeSession(player, transcript, artwork) {
  const { mediaSession } = navigator;
  if (!mediaSession) return;
  mediaSession.metadata = new MediaMetadata({
    title: transcript.title,
    artist: transcript.publisher,
    artwork: artwork ? [{ src: artwork }] : [],
  });
  const handlers = {
    play: () => player.play(),
    pause: () => player.pause(),
    seekbackward: (details) => player.seek(player.currentTime - (details.seekOffset ?? SKIP)),
    seekforward: (details) => player.seek(player.currentTime + (details.seekOffset ?? SKIP)),
    seekto: (details) => player.seek(details.seekTime),
    previoustrack: () => player.step(-1),
    nexttrack: () => player.step(1),
  };
  for (const [action, handler] of Object.entries(handlers)) {
    try {
      mediaSession.setActionHandler(action, handler);
    } catch {
      // Browsers know different sets of actions.
    }
  }
}

export function showPosition(position, duration, playbackRate) {
  navigator.mediaSession?.setPositionState?.({
    duration,
    playbackRate,
    position: Math.min(position, duration),
  });
}
