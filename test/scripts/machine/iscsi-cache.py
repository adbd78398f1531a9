"""Whether an iSCSI disk says that it has a write cache (SCSI caching mode page, WCE), asked by a real initiator.

usage: iscsi-cache.py INITIATOR PORTAL TARGET LUN      prints "write cache on" or "write cache off"
"""
import ctypes
import sys

initiator, portal, target, lun = sys.argv[1:]
iscsi = ctypes.CDLL("libiscsi.so.7")
pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int


def function(name, result, *arguments):
    found = getattr(iscsi, name)
    found.restype, found.argtypes = result, arguments
    return found


context = function("iscsi_create_context", pointer, text)(initiator.encode())
function("iscsi_set_targetname", number, pointer, text)(context, target.encode())
function("iscsi_set_session_type", number, pointer, number)(context, 2)
if function("iscsi_full_connect_sync", number, pointer, text, number)(context, portal.encode(), int(lun)):
    sys.exit(function("iscsi_get_error", text, pointer)(context).decode())
task = function("iscsi_modesense6_sync", pointer, pointer, number, number, number, number, number, ctypes.c_ubyte)(
    context, int(lun), 0, 0, 0x08, 0, 255
)
sense = function("scsi_datain_unmarshall", pointer, pointer)(task)
page = function("scsi_modesense_get_page", pointer, pointer, number, number)(sense, 0x08, 0)
# struct scsi_mode_page: a pointer, ps, spf, page_code, subpage_code, len; then scsi_mode_page_caching: ic, abpf, cap, disc, size, wce
print("write cache", "on" if ctypes.cast(page, ctypes.POINTER(number))[12] else "off")
