"""VintLang for papermill: how parameters are written.

Papermill knows the languages of its own list only, but loads the engines of other packages when it starts. So there is
an engine "vint", which is the usual one; to load it is to add the language to the list.
"""
import math

from papermill.engines import NBClientEngine
from papermill.translators import Translator, papermill_translators


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


def escaped(character):
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else "".join(f"\\x{byte:02x}" for byte in character.encode())


papermill_translators.register("vint", VintTranslator)
Engine = NBClientEngine
