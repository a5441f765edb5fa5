"""Every letter, one file each: plain values in, subject and paragraphs out. ``commands.send_letter`` sends them."""
