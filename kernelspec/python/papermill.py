"""VintLang for papermill: how parameters are written.

Papermill knows the languages of its own list only, but loads the engines of other packages when it starts. So there is
an engine "vint", which is the usual one; to load it is to add the language to the list.
"""
import math
import re

from papermill.engines import NBClientEngine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

DECLARATION = re.compile(r"let\s+(\w+)\s*(?::\s*(\S+)\s*)?=\s*(.*?)\s*(?://\s*(.*))?")


class VintTranslator(Translator):
    @classmethod
    def translate_none(cls, value):
        return "null"

    @classmethod
    def translate_str(cls, value):
        return '"' + "".join(map(escaped, value)) + '"'

    @classmethod
    def translate_int(cls, value):
        return str(value) if -2**63 <= value < 2**63 else f"{value}.0"

    @classmethod
    def translate_float(cls, value):
        return str(value) if math.isfinite(value) else f'float("{value}")'

    @classmethod
    def translate_list(cls, value):
        return f"[{', '.join(map(cls.translate, value))}]"

    @classmethod
    def translate_dict(cls, value):
        return "{" + ", ".join(f"{cls.translate(str(key))}: {cls.translate(item)}" for key, item in value.items()) + "}"

    @classmethod
    def comment(cls, text):
        return f"// {text}".rstrip()

    @classmethod
    def assign(cls, name, text):
        return f"let {name} = {text}"

    @classmethod
    def inspect(cls, cell):
        """The parameters that a cell declares, with what their comments say."""
        found = map(DECLARATION.fullmatch, cell["source"].splitlines())
        return [Parameter(name=match[1], inferred_type_name=match[2] or "None", default=match[3], help=match[4] or "")
                for match in found if match]


def escaped(character):
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else "".join(f"\\x{byte:02x}" for byte in character.encode())


papermill_translators.register("vint", VintTranslator)
Engine = NBClientEngine
