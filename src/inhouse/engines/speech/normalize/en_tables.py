"""English words behind abbreviations, units, money and addresses."""

ABBREVIATIONS = {
    "Mr": "mister", "Mrs": "missus", "Ms": "miz", "Dr": "doctor", "Prof": "professor",
    "Sr": "senior", "Jr": "junior", "Gov": "governor", "Sen": "senator", "Rep": "representative",
    "Gen": "general", "Lt": "lieutenant", "Capt": "captain", "Sgt": "sergeant", "vs": "versus",
    "etc": "et cetera", "approx": "approximately", "Inc": "incorporated", "Ltd": "limited",
    "Co": "company", "Corp": "corporation", "Dept": "department", "e.g.": "for example",
    "i.e.": "that is", "Jan": "January", "Feb": "February", "Aug": "August", "Sept": "September",
    "Oct": "October", "Nov": "November", "Dec": "December", "&": "and", "%": "percent",
    "+": "plus", "=": "equals", "@": "at", "#": "number", "°": "degrees", "§": "section",
    "×": "times", "÷": "divided by", "±": "plus or minus", "$": "dollars", "€": "euros",
    "£": "pounds", "©": "copyright", "<": "less than", ">": "greater than",
}  # fmt: skip
MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"), "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"), "¥": ("yen", "yen", "sen", "sen"),
    "US$": ("dollar", "dollars", "cent", "cents"),
}  # fmt: skip
MAGNITUDES = {"k": "thousand", "m": "million", "M": "million", "mn": "million", "bn": "billion",
               "B": "billion", "b": "billion", "tn": "trillion", "T": "trillion"}  # fmt: skip
UNITS = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "kg": "kilogram",
    "g": "gram", "mg": "milligram", "l": "liter", "L": "liter", "ml": "milliliter", "mi": "mile",
    "ft": "foot", "in": "inch", "yd": "yard", "lb": "pound", "lbs": "pound", "oz": "ounce",
    "gal": "gallon", "h": "hour", "hr": "hour", "min": "minute", "s": "second", "sec": "second",
    "ms": "millisecond", "mph": "mile per hour", "km/h": "kilometer per hour",
    "kph": "kilometer per hour", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt",
    "kWh": "kilowatt hour", "W": "watt", "V": "volt", "Hz": "hertz", "kHz": "kilohertz",
    "MHz": "megahertz", "GHz": "gigahertz", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte",
    "TB": "terabyte", "°C": "degree Celsius", "°F": "degree Fahrenheit", "°": "degree",
    "m²": "square meter", "km²": "square kilometer", "m³": "cubic meter", "%": "percent",
    "ha": "hectare", "dB": "decibel",
}  # fmt: skip
AMBIGUOUS = {"in", "s", "m", "g", "W", "V", "h", "min"}
UNCHANGED = {"percent", "hertz", "kilohertz", "megahertz", "gigahertz"}
STREETS = {
    "St": "street", "Ave": "avenue", "Rd": "road", "Blvd": "boulevard", "Dr": "drive",
    "Ln": "lane", "Ct": "court", "Pl": "place", "Sq": "square", "Hwy": "highway", "Apt": "apartment",
    "Ste": "suite", "N": "north", "S": "south", "E": "east", "W": "west", "NE": "northeast",
    "NW": "northwest", "SE": "southeast", "SW": "southwest", "Pkwy": "parkway",
}  # fmt: skip
HOMOGRAPHS = {
    ("read", "VB"): "ɹˈiːd", ("read", "VBD"): "ɹˈɛd", ("lead", "VB"): "lˈiːd",
    ("lead", "NN"): "lˈɛd", ("live", "VB"): "lˈɪv", ("live", "JJ"): "lˈaɪv",
    ("wind", "NN"): "wˈɪnd", ("wind", "VB"): "wˈaɪnd", ("tear", "VB"): "tˈɛɹ",
    ("tear", "NN"): "tˈɪɹ", ("close", "VB"): "klˈoʊz", ("close", "JJ"): "klˈoʊs",
    ("use", "VB"): "jˈuːz", ("use", "NN"): "jˈuːs", ("record", "VB"): "ɹᵻkˈɔːɹd",
    ("record", "NN"): "ɹˈɛkɚd", ("object", "VB"): "əbdʒˈɛkt", ("object", "NN"): "ˈɑːbdʒɛkt",
    ("present", "VB"): "pɹᵻzˈɛnt", ("present", "NN"): "pɹˈɛzənt", ("present", "JJ"): "pɹˈɛzənt",
    ("content", "NN"): "kˈɑːntɛnt", ("content", "JJ"): "kəntˈɛnt", ("bass", "DEFAULT"): "bˈeɪs",
    ("bass", "SENSE_1"): "bˈæs", ("project", "VB"): "pɹədʒˈɛkt", ("project", "NN"): "pɹˈɑːdʒɛkt",
    ("refuse", "VB"): "ɹᵻfjˈuːz", ("refuse", "NN"): "ɹˈɛfjuːs", ("desert", "VB"): "dɪzˈɜːt",
    ("desert", "NN"): "dˈɛzɚt", ("produce", "NN"): "pɹˈoʊduːs", ("produce", "VB"): "pɹədˈuːs",
}  # fmt: skip
BRITISH = frozenset(
    ["en-gb", "en-gb-wls", "en-ie", "en-au", "en-nz", "en-in", "en-za", "en-sg", "en-uk"]
)
"""Where the day comes before the month and figures are doubled."""

DOUBLES = {1: "", 2: "double ", 3: "triple "}
CHARACTERS = {
    "a": "ay", ".": "dot", "-": "dash", "_": "underscore", "/": "slash", "'": "apostrophe",
    "’": "apostrophe", ",": "comma", ":": "colon", ";": "semicolon", "!": "exclamation mark",
    "?": "question mark", "*": "asterisk", "(": "open parenthesis", ")": "close parenthesis",
    "\\": "backslash", '"': "quote", "–": "dash", "—": "dash",
}  # fmt: skip
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts",
    "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri", "MT": "Montana",
    "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming", "DC": "D C",
}  # fmt: skip
