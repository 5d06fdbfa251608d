"""Workbooks of Excel, old and new, and of LibreOffice."""

import base64
import zipfile
import zlib

import pytest

from dlcore.datasets.ingest.intake import inspect
from dlcore.errors import DatasetError
from dlcore.spec.data import ColumnType

from .hostile import workbook

OLD = zlib.decompress(
    base64.b85decode(
        "c-rmQPiP!f90%~<o1NMJJ3IR~+1+Fffvz=83sxvnXjV&X!IDsW@J}o1#;lkoY-F2*sRyeyClLfs{<#$DL4>Lo+fplf6BH_X5ELP4"
        "k39(rf^F8{`|iv$FMWjuY9z96nYS}<=Cj|o^XJX%et#vieCD(A3au++6r$BmjKXW$1W&PG!6RPZ>B!mOJ<3z3SGH7%MfpI69lDhI"
        "E+UViJl-p0(Wmy;ToYa8>1le2Cg)qtp-n9N(T9eReb^^#KKCs8fG3wq=vNl?^Qd#EKf$(NpneD~Z=v4D+b)ZvbfrEy@}PenKWPnP"
        "oy)bL^DsZ7<$fyAH}X7w^=;AJ)}e>nGmW_|wxVh$=`8UfJ=knD+j2QgA5xs?DK0xFCU%aGFH@cm_gVU*Geq=za9w{j)N9||c0t_!"
        "r`{g9O?#9N;`;V?ESu;Qb)FOQWL}~q)oi)Ort!u?V~J9<Jt>zRzK9o^CvMOv4f|KRL-b;EZf>5pKQVK%86ui)Eb_waOlz9Yr<ZwJ"
        "jLT6UqlBl85-D6eNv@|Ujrk0&AdfqF<D=hxn3y_Te-<sLaA)Y=KeoxvQiooXg0YJ=_n_u@8iCk>`gMG21@mRpdG0a4*A5r_nFFV>"
        "%^O%-<D3UjeyrcSW_~-*FI|7^LUrj{{XU*QcW~uo{@hRXGrS*S+<Sr7X&M!y;=OlexmXY0g+J2#in?^ms1vn3zwaIYCYh$2@;c*^"
        "!8h(M1$(EvWbsnS*J7Q%%!vZJJI<|Mmfui10cZQpGB^wF+wS=IW#BA0$9Exv3&Dlq!peoTJlo)GxMP-dapi0+&oMX$E{;4`IY-M2"
        "8(bLfdPusga$zkmVsH^S7kNeHB3fS5;G%G^IMS7si)wi>gNwmskylkNrsc&AE)JK7NH?rpT+2%sTmr6$yqa<eEiY+sNx1i;(v2vW"
        ")bdgWmx3!JZ<lf@EzdPL7j8#fy4}jTT3*`V(r{Je?NKhR<#`6@!Cgv7w^un&%gY#C25uO6W6EW;ysW`x;SQyw+pk<!%gY&D4z7m0"
        "1Ip#Jyu88X;eK(YdsMl+mRB&i0^A7lCY38_c}0UO!p(Zp9Z{~R<@Fg{AKWhFJ+54zme+4^{cwL}q&uoyzm``rxDwoM<UONYNy{r6"
        "Tp8}ooODylm9@Nz!Byb)Anyg`Dq7xv!41Gw3ep`{Za~W$G`K;yy~t}RH>l-R4Xz6JaZ$Rqa#fW#W@YJfc@yC$=zq#)JOKz*Z`CIN"
        "VSEChV6T#Cul7o>{I^BmX|((7ZFheW;M$J(|Lff3X|?w^$^W(-p?Q8S@K4G|sKxJXTHMh2QzS<OpC#_l1pgPx@&u>1X_ltYkJ$~M"
        "zdSaJwcqECp?CK#p^fIRZls_8a{k|Pz={F"
    )
)
"""What Excel wrote before 2007: 30 rows of size, day and kind on the sheet Data, and a sheet Notes."""

OFFICE = "urn:oasis:names:tc:opendocument:xmlns"


def opened(path, settings, content):
    path.write_bytes(content)
    return inspect(path, settings)


def types(found):
    return {column.name: column.type for column in found.columns}


def notes(found):
    return " ".join(note.text() for note in found.notes)


def sheet_of_libreoffice(path):
    def cell(kind, more, text):
        return (
            f'<table:table-cell office:value-type="{kind}" {more}><text:p>{text}</text:p></table:table-cell>'
        )

    rows = [[cell("string", "", name) for name in ("size", "clock", "kind")]]
    for n in range(24):
        size = cell("float", f'office:value="{n / 2}"', n / 2)
        clock = cell("time", f'office:time-value="PT{n:02}H30M00S"', f"{n}:30")
        rows.append([size, clock, cell("string", "", "xy"[n % 2])])
    table = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    spaces = " ".join(f'xmlns:{name}="{OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    sheet = f'<table:table table:name="Data">{table}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    manifest = f'<manifest:manifest xmlns:manifest="{OFFICE}:manifest:1.0"/>'
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", f"<office:document-content {spaces}>{body}</office:document-content>")
        file.writestr("META-INF/manifest.xml", manifest)


def test_a_workbook_of_excel_before_2007_is_read_and_its_other_sheets_are_named(tmp_path, settings):
    found = opened(tmp_path / "x.xls", settings, OLD)
    assert (found.samples, found.classes) == (30, ("x", "y"))
    assert types(found) == {"size": ColumnType.NUMBER, "day": ColumnType.TIME, "kind": ColumnType.CATEGORY}
    assert "sheet Data of the workbook is read, the first; not read: Notes." in notes(found)


def test_a_sheet_of_libreoffice_is_read_with_its_times_of_the_day(tmp_path, settings):
    sheet_of_libreoffice(tmp_path / "x.ods")
    found = inspect(tmp_path / "x.ods", settings)
    assert (found.samples, found.preview[1]) == (24, ("0.5", "01:30:00", "y"))


def test_a_workbook_with_one_sheet_says_nothing_of_others(tmp_path, settings):
    assert "not read" not in notes(opened(tmp_path / "x.xlsx", settings, workbook()))


@pytest.mark.parametrize("cut", [600, 2_000, 5_000])
def test_an_old_workbook_that_is_damaged_is_refused(cut, tmp_path, settings):
    with pytest.raises(DatasetError):
        opened(tmp_path / "x.xls", settings, OLD[:cut])
