// The page of one article: a token in its address goes to the player and out of sight.

const address = new URL(location.href);
const token = address.searchParams.get("token");
if (token) {
  for (const player of document.querySelectorAll("inhouse-player")) player.token = token;
  address.searchParams.delete("token");
  history.replaceState(history.state, "", address);
}
