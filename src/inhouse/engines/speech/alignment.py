"""Which phonemes of a clause belong to which of its words.

espeak-ng drops the spaces between short words ("of the" is ʌvðə) and reads a number as several.
Where the spaces don't tell, the clause is aligned with its words spoken one by one, by
edit distance (Wagner and Fischer, 1974).
"""

from collections.abc import Callable, Iterator

_MARKS = str.maketrans("", "", "ˈˌː")
_LARGEST = 250_000


def owners(clause: str, count: int, alone: Callable[[int], str]) -> Iterator[str]:
    """The phonemes of each of `count` words; `alone(i)` gives those of word i by itself."""
    groups = clause.split()
    if count == 1:
        yield " ".join(groups)
        return
    words = [alone(index) for index in range(count)]
    if len(groups) == count and all(map(_alike, groups, words)):
        yield from groups
        return
    letters = [
        (letter, index) for index, word in enumerate(words) for letter in word if letter != " "
    ]
    if not letters or len(letters) * len(clause) > _LARGEST:
        yield from words
        return
    owner = _align(clause, letters)
    spelled = ["" for _ in range(count)]
    previous = 0
    for index, sound in enumerate(clause):
        if sound == " " and index + 1 < len(clause) and owner[index + 1] != previous:
            continue
        previous = max(previous, owner[index])
        spelled[previous] += sound
    yield from (sounds.strip() for sounds in spelled)


def _alike(group: str, word: str) -> bool:
    """Whether a group of phonemes can be the word: one merged pair and one split word even out."""
    sound, other = (text.translate(_MARKS) for text in (group, word))
    return " " not in word and (sound[:1] == other[:1] or sound[-1:] == other[-1:])


def _align(clause: str, letters: list[tuple[str, int]]) -> list[int]:
    """The word of each character of `clause`, never decreasing."""
    width = len(letters) + 1
    above: list[float] = list(range(width))
    rows = [above]
    for sound in clause:
        skip = 0 if sound == " " else 1
        current: list[float] = [above[0] + skip]
        for column in range(1, width):
            same = letters[column - 1][0] == sound
            current.append(
                min(
                    above[column - 1] + (0 if same else 1.5),
                    above[column] + skip,
                    current[column - 1] + 1,
                )
            )
        rows.append(current)
        above = current
    owner = [0] * len(clause)
    column = width - 1
    for row in range(len(clause), 0, -1):
        while column and rows[row][column] == rows[row][column - 1] + 1:
            column -= 1
        owner[row - 1] = letters[max(0, column - 1)][1]
        if column and rows[row][column] != rows[row - 1][column] + (
            0 if clause[row - 1] == " " else 1
        ):
            column -= 1
    return owner
