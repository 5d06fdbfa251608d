import subprocess
import sys

from docs.build_reference import TARGET, anchor, reference
from tests.conftest import ROOT


def test_the_reference_is_what_the_code_says():
    assert TARGET.read_text(encoding="utf-8") == reference(), "call: python -m docs.build_reference"


def test_every_link_within_the_reference_leads_somewhere():
    text = reference()
    anchors = {
        line.strip("# ").lower().replace(" ", "-") for line in text.splitlines() if line.startswith("#")
    }
    links = {part.split(")")[0] for part in text.split("](#")[1:]}

    assert links
    assert links <= anchors
    assert anchor("layer") == "layers"


def test_writing_the_reference_needs_no_keras():
    code = (
        "import sys; from docs.build_reference import reference; reference();"
        "print({'keras', 'tensorflow', 'streamlit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
